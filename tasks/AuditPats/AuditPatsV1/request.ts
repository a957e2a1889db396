import { resolve } from 'node:path';
import type { Agent } from '#agent/agent';
import { readWarnBefore } from '../../common/inputs/warn-before.js';
import { Inputs } from '../../common/inputs/inputs.js';
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
  const inputs = new Inputs(agent);
  const jobToken = agent.jobToken();
  const actor = readActor(inputs);
  const issuer = actor?.as === 'issuer' ? actor.issuer : undefined;
  const organizations = readOrganizations(inputs, issuer);
  if (actor !== undefined && organizations.length === 0)
    inputs.fault('organization', 'name the organization of the PATs. Example: contoso');
  const book = await readBook(inputs);
  const recordedIds = readRecordedIds(inputs);
  const failOn = inputs.choice('failOn', ['error', 'warning', 'never']);
  const people = inputs.choice('people', ['names', 'pseudonyms']);
  const warnBefore = readWarnBefore(inputs);
  const outputFolder = inputs.text('outputFolder');
  if (/[\0\r\n]/.test(outputFolder))
    inputs.fault('outputFolder', 'is not a folder. Example: $(Build.ArtifactStagingDirectory)/pats');
  inputs.faults.throwIfAny();
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

function readActor(inputs: Inputs): Identity | undefined {
  if (inputs.choice('whose', ['issuer', 'organization']) === 'issuer') {
    const issuer = readIssuer(inputs);
    return issuer === undefined ? undefined : { as: 'issuer', issuer };
  }
  const token = inputs.secret('adminToken');
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(token))
    inputs.fault('adminToken', 'is missing or is not a token of an administrator. Example: $(adminToken)');
  return { as: 'administrator', token };
}

async function readBook(inputs: Inputs): Promise<RuleBook> {
  const path = inputs.text('rulesFile');
  if (path === '') return defaultRuleBook;
  const text = readTextFile(path, LARGEST_RULES_FILE);
  if (typeof text !== 'string') {
    inputs.fault('rulesFile', `"${path}" ${text.fault}. Example: audit-rules.yml`);
    return defaultRuleBook;
  }
  // The reader of YAML is a third of the whole task, and most audits have no file.
  const { parseRulesFile } = await import('./rules-file.js');
  const book = parseRulesFile(text);
  if (!('faults' in book)) return book;
  for (const fault of book.faults.slice(0, MOST_FAULTS)) inputs.fault('rulesFile', fault);
  if (book.faults.length > MOST_FAULTS)
    inputs.fault('rulesFile', `${book.faults.length - MOST_FAULTS} more faults`);
  return defaultRuleBook;
}

function readRecordedIds(inputs: Inputs): ReadonlySet<string> | undefined {
  const words = inputs
    .text('recordedIds')
    .split(/[\s,;]+/)
    .filter(word => word !== '');
  if (words.length === 0) return undefined;
  for (const word of words.filter(word => asGuid(word) === undefined))
    inputs.fault('recordedIds', `"${word}" is not an authorization id. Example: $(GIT_PAT.authorizationId)`);
  return new Set(words.flatMap(word => asGuid(word) ?? []));
}
