import assert from 'node:assert/strict';
import { Failure } from '#advice/failure';
import { openServices } from '#emulator/services';
import { AzureDevOpsClient } from '#azure-devops/client';
import { basic, bearer } from '#azure-devops/identity';
import { organizationAt } from '#azure-devops/organization';
import { HttpFault, type Http } from '#http/http';
import { retryFor } from '#agent/effects';
import type { Generation } from '../../../tasks/common/stores/store.js';
import type { StoreContext, StoreKind } from '../../../tasks/common/stores/store-kind.js';
import { VaultClients } from '../../../tasks/common/stores/vault-clients.js';
import type { Answer } from './answers.js';
import { replyOf, type Arrived } from './emulated.js';
import { mainStage } from './world.js';

const ORIGIN = 'https://dev.azure.com';

export const A = '0a000000-0000-4000-8000-00000000000a';
export const B = '0b000000-0000-4000-8000-00000000000b';

/** A generation that is to be stored. */
export const generation = (authorizationId = A, value = 'the-value'): Generation => ({
  authorizationId,
  value,
  validFrom: new Date('2026-03-01T10:00:00Z'),
  validTo: new Date('2026-03-31T10:00:00Z'),
});

/** The Failure that the work ends with, if it does. */
export async function failureOrNone(work: () => Promise<unknown>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Failure, `a Failure, not ${String(error)}`);
    return error;
  }
}

/** What reads an entry of a store, and the faults it told. */
export function entryOf<Key extends string>(texts: Readonly<Partial<Record<Key | 'project', string>>>) {
  const faults: string[] = [];
  return {
    faults,
    text: (key: Key | 'project') => texts[key] ?? '',
    fault: (key: Key | 'project', text: string) => {
      faults.push(`${key} ${text}`);
    },
  };
}

/**
 * The stores of contoso, as the emulator keeps them in this process. The job reads and the issuing user writes, each with a
 * credential of its own, unless the job does both.
 */
export function emulatedStores({ alone = false } = {}) {
  const world = mainStage();
  const { agent, clock } = world;
  const services = openServices({ clock: () => clock.now(), organizations: ['contoso'] }, () => ORIGIN);
  const organization = organizationAt(`${ORIGIN}/contoso`) ?? assert.fail();
  const { project } = services.organizations.get('contoso');
  const sent: (Arrived & { readonly by: 'job' | 'user' })[] = [];
  const queued = new Map<string, Answer[]>();
  const http: Http = async ({ method, url, headers, body = '' }) => {
    const by = headers['authorization']?.startsWith('Bearer ') === true ? 'job' : 'user';
    const arrived = {
      method,
      url: new URL(url),
      headers,
      body: body.startsWith('{') ? (JSON.parse(body) as unknown) : body,
    };
    sent.push({ ...arrived, by });
    const usual = () => replyOf(services, arrived);
    const own = queued.get(`${method} ${by}`)?.shift() ?? queued.get(method)?.shift();
    const reply = (own ?? (usual => usual()))(usual);
    await Promise.resolve();
    if (reply instanceof HttpFault) throw reply;
    if (reply instanceof Error) throw new HttpFault('lost', reply.message, 'ECONNRESET');
    const lower = Object.entries(reply.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
    return {
      status: reply.status,
      headers: Object.fromEntries(lower) as Record<string, string>,
      body: reply.body,
    };
  };
  const effects = { ...world.effects, http };
  const job = services.jobs.issueToken({ organization: 'contoso' });
  const [pat] = services.pats.seed([
    { displayName: 'write', scope: 'vso.variablegroups_manage vso.serviceendpoint_manage vso.project' },
  ]);
  const reader = new AzureDevOpsClient(bearer('job', job.value), organization, effects);
  const writer = alone
    ? reader
    : new AzureDevOpsClient(basic('pat', pat?.value ?? ''), organization, effects);
  const { tenantId, azure: application } = services.entra;
  const azure = {
    authority: 'https://login.microsoftonline.com',
    tenantId,
    clientId: application.clientId,
    proof: { kind: 'secret', secret: application.clientSecret },
  } as const;
  const around: StoreContext = {
    project: project.name,
    signIn: { who: 'the identity of this job', reader, writer },
    effects,
    vaults: new VaultClients(azure, effects),
  };
  return {
    services,
    agent,
    clock,
    sent,
    around,
    policy: () => retryFor(effects, 60_000),
    /** The answers to the next requests of this method, or of this method and whoever asks: `PUT`, `GET job`. */
    next: (what: string, ...answers: Answer[]) => {
      queued.set(what, [...(queued.get(what) ?? []), ...answers]);
    },
    open: <Choice, Key extends string>(kind: StoreKind<Choice, Key>, choice: Choice) =>
      kind.open(choice, around),
  };
}
