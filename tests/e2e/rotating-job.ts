import assert from 'node:assert/strict';
import {
  azureConnection,
  azureConnectionName,
  emulatedRun,
  issuerConnection,
  issuerConnectionName,
} from '#local-agent/emulated-run';
import type { JobResult, ServiceConnection } from '#local-agent/index';
import type { Emulator, Pat } from '#emulator/index';
import { storeMark } from '../../tasks/common/stores/store.js';
import { type Inputs, type JobWish, runIssuingJob } from './issuing-job.js';
import { projectId } from './revoking-job.js';
import { assertNoTrace } from './secret-traces.js';

export const NAME = 'mirror';
const FEED = '6b4e1a52-0000-4000-8000-000000000001';
const ANOTHER_SECRET = 'another-secret-of-somebody';

/** A store that a rotation writes to, as a test sees it: with the value. */
export interface Place {
  readonly inputs: Inputs;
  /** Where exactly that is: generations tell it in their names. */
  store(emulator: Emulator): string;
  /** Puts a PAT there that needs to be replaced. */
  fill(emulator: Emulator, pat: Pat): void;
  /** What it holds, and which authorization id it names. */
  read(emulator: Emulator): { readonly value: string | undefined; readonly record: string | undefined };
  /** Fails when anything else in it has changed. */
  assertRestKept(emulator: Emulator): void;
}

export const places: Readonly<Record<'variableGroup' | 'serviceConnection' | 'keyVault', Place>> = {
  variableGroup: {
    inputs: { store: 'variableGroup', variableGroup: 'deploy', variableName: 'GIT_PAT' },
    // The first group gets the id 1.
    store: () => 'variablegroup/contoso/1/git_pat',
    fill(emulator, pat) {
      emulator.variableGroups.add({
        name: 'deploy',
        description: 'For deployments',
        projects: [projectId, 'sample'],
        variables: {
          URL: { value: 'https://example.com' },
          PASSWORD: { value: ANOTHER_SECRET, isSecret: true },
          GIT_PAT: { value: pat.value, isSecret: true },
          'GIT_PAT.authorizationId': { value: pat.authorizationId },
        },
      });
    },
    read({ variableGroups }) {
      const { variables } = variableGroups.get('deploy');
      return {
        value: variables['GIT_PAT']?.value ?? undefined,
        record: variables['GIT_PAT.authorizationId']?.value ?? undefined,
      };
    },
    assertRestKept({ variableGroups }) {
      const { variables, references, description } = variableGroups.get('deploy');
      assert.deepEqual(variables['URL'], { value: 'https://example.com' });
      assert.deepEqual(variables['PASSWORD'], { value: ANOTHER_SECRET, isSecret: true });
      assert.equal(Object.keys(variables).length, 4);
      assert.equal(variables['GIT_PAT']?.isSecret, true);
      assert.equal(references.length, 2);
      assert.equal(description, 'For deployments');
    },
  },
  serviceConnection: {
    inputs: { store: 'serviceConnection', serviceConnection: 'Feed', connectionParameter: 'password' },
    store: () => `serviceconnection/contoso/${FEED}/password`,
    fill(emulator, pat) {
      emulator.connections.add({
        id: FEED,
        name: 'Feed',
        type: 'externalnpmregistry',
        url: 'https://example.com/npm',
        scheme: 'UsernamePassword',
        description: `Shops\njob-pat:rotated/${pat.authorizationId}`,
        projects: [projectId, 'sample'],
        data: { region: 'west' },
        parameters: { username: 'feed', password: pat.value, apitoken: ANOTHER_SECRET },
      });
    },
    read({ connections }) {
      const { parameters, references } = connections.get('Feed');
      const own = references.find(({ project }) => project.id === projectId);
      return {
        value: parameters['password'],
        record: /^job-pat:rotated\/(\S+)$/m.exec(own?.description ?? '')?.[1],
      };
    },
    assertRestKept({ connections }) {
      const { parameters, data, references, url, scheme, type } = connections.get('Feed');
      assert.deepEqual(
        { ...parameters, password: '' },
        { username: 'feed', password: '', apitoken: ANOTHER_SECRET },
      );
      assert.deepEqual(
        { data, url, scheme, type },
        {
          data: { region: 'west' },
          url: 'https://example.com/npm',
          scheme: 'UsernamePassword',
          type: 'externalnpmregistry',
        },
      );
      assert.equal(references.length, 2, 'It stays shared.');
      assert.match(references[0]?.description ?? '', /^Shops\n/);
    },
  },
  keyVault: {
    inputs: { store: 'keyVault', azureConnection: azureConnectionName, secretName: 'git-pat' },
    store: ({ url }) => `keyvault/${new URL(url).host}/git-pat`,
    fill({ keyVault }, pat) {
      const tags = { owner: 'platform', jobPatAuthorizationId: pat.authorizationId };
      keyVault.set('git-pat', { value: pat.value, contentType: 'text/plain', tags });
      keyVault.set('other', { value: ANOTHER_SECRET });
    },
    read({ keyVault }) {
      const current = keyVault.current('git-pat');
      return { value: current?.value, record: current?.tags['jobPatAuthorizationId'] };
    },
    assertRestKept({ keyVault }) {
      const current = keyVault.current('git-pat');
      assert.equal(current?.tags['owner'], 'platform');
      assert.equal(current.contentType, 'text/plain');
      assert.equal(keyVault.versions('other').length, 1);
    },
  },
};

/** Inputs that depend on where the emulator listens. */
export function inputsOf(place: Place, { url }: Emulator): Inputs {
  return place.inputs['store'] === 'keyVault' ? { ...place.inputs, keyVaultUrl: url } : place.inputs;
}

/** The project of the local agent's runs, and in the store a PAT that ends in two days. */
export function dueRotation(emulator: Emulator, place: Place, name = NAME): Pat {
  emulator.projects.add('contoso', { id: projectId, name: 'Web' });
  const day = 24 * 3_600_000;
  const [pat] = emulator.pats.seed([
    {
      displayName: `${name} job-pat:rotated/${storeMark(place.store(emulator))}/0000aaaa`,
      scope: 'vso.code',
      validFrom: new Date(Date.now() - 28 * day),
      validTo: new Date(Date.now() + 2 * day),
    },
  ]);
  assert.ok(pat);
  place.fill(emulator, pat);
  return pat;
}

/** The issuer's service connection as Azure DevOps keeps it, and as the agent hands it over. */
export function storedIssuer(
  emulator: Emulator,
  description = '',
  given = issuerConnection(emulator),
): ServiceConnection {
  emulator.projects.add('contoso', { id: projectId, name: 'Web' });
  const saved = emulator.connections.add({
    ...(given.id === undefined ? {} : { id: given.id }),
    name: issuerConnectionName,
    type: 'jobPatIssuer',
    url: given.url,
    scheme: given.scheme,
    description,
    parameters: given.parameters,
    data: given.data ?? {},
    projects: [projectId, 'sample'],
  });
  return { ...given, id: saved.id };
}

/** Runs `RotatePat@1` as a job of contoso. No secret may be seen of it. */
export async function rotate(emulator: Emulator, inputs: Inputs, wish: JobWish = {}): Promise<JobResult> {
  const jobToken = emulator.jobs.issueToken({ organization: 'contoso' }).value;
  const steps = [
    {
      task: 'RotatePat@1',
      name: 'rotate',
      inputs: { patIssuer: issuerConnectionName, name: NAME, scopes: 'vso.code', ...inputs },
    },
  ];
  const serviceConnections = {
    ...emulatedRun(emulator).serviceConnections,
    [azureConnectionName]: azureConnection(emulator),
  };
  const job = await runIssuingJob(emulator, { steps, jobToken, serviceConnections, ...wish });
  assertNoTrace(job, emulator, [jobToken, ANOTHER_SECRET]);
  return job;
}

/** Fails unless the store holds a PAT that is alive, and names it. */
export function assertHoldsWorkingPat(emulator: Emulator, place: Place, when: string): Pat {
  const { value, record } = place.read(emulator);
  const pat = emulator.pats.active().find(({ authorizationId }) => authorizationId === record);
  assert.ok(pat, `${when}: the store names a PAT that is alive.`);
  assert.equal(value, pat.value, `${when}: the store holds the value of the PAT that it names.`);
  place.assertRestKept(emulator);
  return pat;
}
