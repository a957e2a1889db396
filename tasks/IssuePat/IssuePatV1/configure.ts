import type { Agent } from '#agent/agent';
import type { Effects } from '#agent/effects';
import type { JobPat } from '#pat/issue';
import type { GitAuthor } from '#tools/git-author';
import type { ToolName } from '#tools/tool-names';
import type { ToolVariable } from '#tools/tool-settings';

/** The task variable that tells the post-job stage what the later steps of the job found in their environment. */
const CONFIGURED = 'JobPat.Configured';

/** In the place of a PAT. Not empty: an empty variable and one that was refused may look alike to the next step. */
const ENDED = 'ended';

/** Makes tools ready for the later steps of the job. @throws Failure when their files cannot be written */
export async function configure(
  tools: readonly ToolName[],
  pats: readonly JobPat[],
  author: GitAuthor | undefined,
  effects: Effects,
): Promise<void> {
  if (tools.length === 0) return;
  // Few steps need it, and its loading would cost the others.
  const { makeReady } = await import('./make-ready.js');
  const variables = makeReady(tools, pats, author, effects);
  await effects.agent.setTaskVariable(CONFIGURED, variables.map(written).join(','));
}

/**
 * Takes the PATs out of the variables of the job, and tells when none came there: an agent that is told to restrict a step
 * refuses its variables in the log, and lets it go on.
 */
export function endConfiguration(agent: Agent): void {
  const variables = (agent.taskVariable(CONFIGURED) ?? '').split(',').flatMap(readVariable);
  const refused = variables.filter(({ name, keepsCase }) => !keepsCase && agent.variable(name) === undefined);
  if (refused.length > 0) {
    agent.warning(
      `configure: the pipeline restricts which variables this step may set, so the later steps of the job did not get ${refused.map(({ name }) => name).join(', ')}. ` +
        "Name them in settableVariables of this step's target, or take the restriction off this step.",
    );
    return;
  }
  for (const { name, isSecret, keepsCase } of variables)
    if (isSecret) agent.setJobVariable(name, ENDED, keepsCase);
}

/** The name, behind it marks for what the post-job stage has to know. */
function written({ name, isSecret, keepsCase }: ToolVariable): string {
  return `${name}${isSecret ? ' secret' : ''}${keepsCase === true ? ' case' : ''}`;
}

function readVariable(text: string): { name: string; isSecret: boolean; keepsCase: boolean }[] {
  const [name = '', ...marks] = text.split(' ');
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)
    ? [{ name, isSecret: marks.includes('secret'), keepsCase: marks.includes('case') }]
    : [];
}
