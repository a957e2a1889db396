import type { Organization } from '#azure-devops/organization';
import type { GitAuthor } from './git-author.js';
import type { ToolName } from './tool-names.js';

/** What a tool is told: nothing of it is written anywhere that outlives the job, or holds a secret beside a variable. */
export type ToolSettings =
  | {
      readonly kind: 'ready';
      readonly tool: ToolName;
      /** For the environment of whatever runs the tool. */
      readonly variables: readonly ToolVariable[];
      /** Without secrets, in the folder of the context. */
      readonly files: readonly { readonly path: string; readonly text: string }[];
      /** What is ready now, continuing "git: ". */
      readonly told: string;
    }
  | {
      readonly kind: 'left out';
      readonly tool: ToolName;
      /** Why, and what to do, continuing "npm is left out: ". */
      readonly reason: string;
    };

export interface ToolVariable {
  readonly name: string;
  readonly value: string;
  readonly isSecret: boolean;
  /** The tool looks for the name as it is written; an agent writes names in capitals otherwise. */
  readonly keepsCase?: boolean;
}

/** What is known where tools are made ready. */
export interface ToolContext {
  /** One for each organization. */
  readonly pats: readonly { readonly organization: Organization; readonly value: string }[];
  /** Whose PATs these are; undefined: nobody said. */
  readonly author: GitAuthor | undefined;
  /** What the tool would find there without us. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends with the job. */
  readonly folder: string;
  /** Where the repository is. */
  readonly sources: string;
  /** A text file; undefined when there is none. */
  readonly readText: (path: string) => string | undefined;
  /** Where a file lies, links followed; undefined when there is none. */
  readonly realPath: (path: string) => string | undefined;
}

/** The user name beside a PAT: Azure DevOps takes any but an empty one. */
export const ANY_USER = 'job-pat';

/** The variable in which a tool finds the PAT of an organization. Each tool has its own: another step may issue another PAT. */
export function secretVariable(tool: ToolName, organization: Organization): string {
  return `JOBPAT_${tool}_${organization.name.replace(/[^A-Za-z0-9]/g, '_')}`.toUpperCase();
}

/** One for each organization. @param encoded how the tool reads a password */
export function secretVariables(
  tool: ToolName,
  pats: ToolContext['pats'],
  encoded: (value: string) => string = value => value,
): ToolVariable[] {
  return pats.map(({ organization, value }) => ({
    name: secretVariable(tool, organization),
    value: encoded(value),
    isSecret: true,
  }));
}

export function namesOf(context: ToolContext): string {
  return context.pats.map(({ organization }) => organization.name).join(', ');
}
