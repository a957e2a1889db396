import pc from 'picocolors';
import { hanging } from '../../cli/screen-text.js';
import { screenColumns } from '../screen.js';

/** Does one step of a longer story and says so, before and after; a failure is named and thrown on. */
export async function step<T>(
  title: string,
  work: () => Promise<T>,
  told: (outcome: T) => string = () => '',
): Promise<T> {
  console.log(`  ${pc.dim('…')} ${title}`);
  const start = performance.now();
  try {
    const outcome = await work();
    const detail = [told(outcome), `${((performance.now() - start) / 1000).toFixed(1)} s`].filter(
      text => text !== '',
    );
    console.log(hanging(`  ${pc.green('✓')} `, `${title} ${pc.dim(detail.join(', '))}`, screenColumns()));
    return outcome;
  } catch (error) {
    console.log(`  ${pc.red('✗')} ${title}`);
    throw error;
  }
}
