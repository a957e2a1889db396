import pc from 'picocolors';
import { hanging } from '../../cli/screen-text.js';
import { screenColumns } from '../screen.js';

/** The title of a step that nobody has read yet: it stands on the last line, or is held back where lines cannot change. */
let open: { readonly title: string } | undefined;

const goesBack = process.stdout.isTTY && process.env['TERM'] !== 'dumb';
const CLEAR_LINE = '\r\u001B[2K';

/**
 * Does one step of a longer story and says so once: at a terminal when it begins, and the same line when it has ended;
 * elsewhere when it has ended. What the step says itself stands under its title. A failure is named and thrown on.
 */
export async function step<T>(
  title: string,
  work: () => Promise<T>,
  told: (outcome: T) => string = () => '',
): Promise<T> {
  open = { title };
  if (goesBack) process.stdout.write(`  ${pc.dim('…')} ${title}`);
  const start = performance.now();
  try {
    const outcome = await work();
    const detail = [told(outcome), `${((performance.now() - start) / 1000).toFixed(1)} s`]
      .filter(text => text !== '')
      .join(', ');
    const isUnread = close();
    const end = isUnread ? `${title} ${pc.dim(detail)}` : pc.dim(`Done, ${detail}`);
    console.log(hanging(`  ${pc.green('✓')} `, end, screenColumns()));
    return outcome;
  } catch (error) {
    console.log(`  ${pc.red('✗')} ${close() ? title : 'Failed'}`);
    throw error;
  }
}

/** A line of the step that is under way. */
export function say(line: string): void {
  const title = open?.title;
  if (close()) console.log(`  ${pc.cyan('▸')} ${title ?? ''}`);
  console.log(line);
}

/** @returns whether the title is still to be told */
function close(): boolean {
  if (open === undefined) return false;
  open = undefined;
  if (goesBack) process.stdout.write(CLEAR_LINE);
  return true;
}
