import { needsApplication, type SignInOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** What a command cannot do without, and a person can type. */
interface Askable {
  readonly organization?: string;
  readonly project?: string;
  readonly clientId?: string;
  readonly agentIdentity?: string;
  readonly purpose?: string;
}

/** Each names its option, so that the person need not be asked again. */
const QUESTIONS: Readonly<Record<keyof Askable, string>> = {
  organization: 'Organization, by name or URL (--organization):',
  project: 'Project of the service connection (--project):',
  clientId: 'Application (client) id of your own Entra application (--client-id):',
  agentIdentity: 'Id of the agent identity (--agent-identity):',
  purpose: 'What the PAT is for, such as gitClone (--purpose):',
};

/**
 * At a terminal a person is asked for what is required and was left out. Elsewhere, and where nothing is typed, it stays
 * out, and is refused by its name.
 * @throws Failure `cancelled`
 */
export async function askForMissing<Options extends Askable>(
  options: Options,
  required: readonly (keyof Askable)[],
  terminal: Pick<Terminal, 'interactive' | 'ask'>,
): Promise<Options> {
  const typed: Partial<Record<keyof Askable, string>> = {};
  for (const name of terminal.interactive ? required : []) {
    if (options[name] !== undefined) continue;
    const answer = (await terminal.ask(QUESTIONS[name])).trim();
    if (answer !== '') typed[name] = answer;
  }
  return { ...options, ...typed };
}

/** What every command needs that signs a user in. */
export function requiredToSignIn(options: SignInOptions): readonly ('organization' | 'clientId')[] {
  return needsApplication(options) ? ['organization', 'clientId'] : ['organization'];
}
