import { resolve } from 'node:path';
import type { Agent } from '#agent/agent';
import { ValidationErrors } from '../../common/inputs/validation-errors.js';
import { readWarnBefore } from '../../common/inputs/warn-before.js';
import { readChoice } from '../../common/inputs/inputs.js';
import { readIssuer, readOrganizations, type Issuer } from '../../common/inputs/issuer.js';
import type { Organization } from '#azure-devops/organization';
import { readTextFile } from '#text/text-file';
import { asGuid } from '#text/json';
import { defaultRuleBook, type RuleBook } from './rule-book.js';

/** Bytes. */
const LARGEST_RULES_FILE = 262_144;
const MOST_FAULTS = 20;

/** In whose name the lists are read. */
export type Identity =
  | { readonly as: 'issuer'; readonly issuer: Issuer }
  | { readonly as: 'administrator'; readonly token: string };

export interface AuditRequest {
  readonly actor: Identity;
  readonly organizations: readonly Organization[];
  readonly book: RuleBook;
  /** The authorization ids that stores record; undefined when the pipeline does not say. */
  readonly recordedIds: ReadonlySet<string> | undefined;
  readonly failOn: 'error' | 'warning' | 'never';
  /** What is shown of users and PATs. */
  readonly people: 'names' | 'pseudonyms';
  /** Empty: the agent gives none. It is a secret from here on. */
  readonly jobToken: string;
  /** Absolute; undefined: in the temporary folder of the job. */
  readonly outputFolder: string | undefined;
  /** Milliseconds before the end of a PAT in which every run says so; undefined: none does. */
  readonly warnBefore: number | undefined;
}

/**
 * Reads all inputs and the rules file.
 * @throws Failure that names every fault at once
 */
export async function readAuditRequest(agent: Agent): Promise<AuditRequest> {
  const faults = new ValidationErrors();
  const jobToken = agent.jobToken();
  const actor = readActor(agent, faults);
  const issuer = actor?.as === 'issuer' ? actor.issuer : undefined;
  const organizations = readOrganizations(agent, issuer, faults);
  if (actor !== undefined && organizations.length === 0)
    faults.input('organization', 'name the organization of the PATs. Example: contoso');
  const book = await readBook(agent, faults);
  const recordedIds = readRecordedIds(agent, faults);
  const failOn = readChoice(agent, 'failOn', ['error', 'warning', 'never'], faults);
  const people = readChoice(agent, 'people', ['names', 'pseudonyms'], faults);
  const warnBefore = readWarnBefore(agent, faults);
  const outputFolder = agent.input('outputFolder');
  if (/[\0\r\n]/.test(outputFolder))
    faults.input('outputFolder', 'is not a folder. Example: $(Build.ArtifactStagingDirectory)/pats');
  faults.throwIfAny();
  if (actor === undefined) throw new Error('an input is missing without a fault');
  return {
    actor,
    organizations,
    book,
    recordedIds,
    failOn,
    people,
    jobToken,
    warnBefore,
    outputFolder: outputFolder === '' ? undefined : resolve(outputFolder),
  };
}

function readActor(agent: Agent, faults: ValidationErrors): Identity | undefined {
  if (readChoice(agent, 'whose', ['issuer', 'organization'], faults) === 'issuer') {
    const issuer = readIssuer(agent, faults);
    return issuer === undefined ? undefined : { as: 'issuer', issuer };
  }
  const token = agent.secretInput('adminToken');
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(token))
    faults.input('adminToken', 'is missing or is not a token of an administrator. Example: $(adminToken)');
  return { as: 'administrator', token };
}

async function readBook(agent: Agent, faults: ValidationErrors): Promise<RuleBook> {
  const path = agent.input('rulesFile');
  if (path === '') return defaultRuleBook;
  const text = readTextFile(path, LARGEST_RULES_FILE);
  if (typeof text !== 'string') {
    faults.input('rulesFile', `"${path}" ${text.fault}. Example: audit-rules.yml`);
    return defaultRuleBook;
  }
  // The reader of YAML is a third of the whole task, and most audits have no file.
  const { parseRulesFile } = await import('./rules-file.js');
  const book = parseRulesFile(text);
  if (!('faults' in book)) return book;
  for (const fault of book.faults.slice(0, MOST_FAULTS)) faults.input('rulesFile', fault);
  if (book.faults.length > MOST_FAULTS)
    faults.input('rulesFile', `${book.faults.length - MOST_FAULTS} more faults`);
  return defaultRuleBook;
}

function readRecordedIds(agent: Agent, faults: ValidationErrors): ReadonlySet<string> | undefined {
  const words = agent
    .input('recordedIds')
    .split(/[\s,;]+/)
    .filter(word => word !== '');
  if (words.length === 0) return undefined;
  for (const word of words.filter(word => asGuid(word) === undefined))
    faults.input('recordedIds', `"${word}" is not an authorization id. Example: $(GIT_PAT.authorizationId)`);
  return new Set(words.flatMap(word => asGuid(word) ?? []));
}
