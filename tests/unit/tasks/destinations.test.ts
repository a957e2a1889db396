import nock from 'nock';
import assert from 'node:assert/strict';
import type { HostKind } from '#http/hosts';
import { destinationsOf } from '../../../tasks/common/inputs/destinations.js';
import { auditPats } from '../../../tasks/AuditPats/AuditPatsV1/run.js';
import { revokePats } from '../../../tasks/RevokePat/RevokePatV1/run.js';
import { Failure } from '#advice/failure';
import { defaultInputs, MemoryAgent } from './memory-agent.js';
import { JOB_TOKEN, revokeState } from './revoke-pats.js';
import { agentState, failureOf, withoutNetwork, World, type Step } from './world.js';
import { PatService } from './pat-service.js';

const HERE = 'http://127.0.0.1:8080';
const LISTENER = 'http://127.0.0.1:6666';
const AUTHORITY = 'https://login.microsoftonline.com';

const emulator: Step = { url: `${HERE}/contoso`, fields: { authorityUrl: HERE } };
const withoutConnection: Step = { inputs: { patIssuer: '', entraToken: 'eyJ.token' } };

interface Case {
  readonly step?: Step;
  readonly system?: string;
  readonly url: string;
  readonly service?: HostKind;
  readonly authorization?: string;
}

function isSent({ step = {}, system, url, service, authorization = 'Bearer a-token' }: Case): boolean {
  const state = agentState({ ...step, variables: { 'System.AccessToken': JOB_TOKEN, ...step.variables } });
  const agent = new MemoryAgent({ ...state, ...(system === undefined ? {} : { collectionUrl: system }) });
  const timeout = 1000;
  try {
    destinationsOf(agent)({
      method: 'GET',
      url,
      headers: { authorization },
      timeout,
      ...(service === undefined ? {} : { service }),
    });
    return true;
  } catch (error) {
    assert.ok(error instanceof Failure && error.topic === 'host-not-allowed', String(error));
    return false;
  }
}

describe('The list of a run, of those that may receive a credential,', () => {
  const allowed: Record<string, Case> = {
    'the PAT API of the own organization': { url: 'https://vssps.dev.azure.com/contoso/_apis/tokens/pats' },
    'the organization in another case': { url: 'https://dev.azure.com/Contoso/_apis/connectionData' },
    'a further organization that the connection allows': {
      step: { fields: { allowedOrganizations: 'contoso fabrikam' } },
      url: 'https://vssps.dev.azure.com/fabrikam/_apis/tokens/pats',
    },
    'the authority of the public cloud where the connection names none': {
      url: `${AUTHORITY}/t/oauth2/v2.0/token`,
      service: 'entra',
    },
    'the authority that the connection names': {
      step: { fields: { authorityUrl: 'https://login.microsoftonline.us' } },
      url: 'https://login.microsoftonline.us/t/oauth2/v2.0/token',
      service: 'entra',
    },
    'the emulator that the connection names': {
      step: emulator,
      url: `${HERE}/contoso/_apis/tokens/pats`,
    },
    'its sign-in': { step: emulator, url: `${HERE}/t/oauth2/v2.0/token`, service: 'entra' },
    'its key vault': { step: emulator, url: `${HERE}/secrets/x`, service: 'key-vault' },
    'a key vault of the cloud': { url: 'https://contoso.vault.azure.net/secrets/x', service: 'key-vault' },
    'the emulator of the job itself, without a connection': {
      step: withoutConnection,
      system: `${HERE}/contoso/`,
      url: `${HERE}/contoso/_apis/tokens/pats`,
    },
    'every organization of the cloud, for a token that the pipeline brings': {
      step: withoutConnection,
      url: 'https://vssps.dev.azure.com/tailspin/_apis/tokens/pats',
    },
    'the organization of the run in a release, for the token of the job': {
      step: { url: 'https://dev.azure.com/fabrikam' },
      system: 'https://vsrm.dev.azure.com/contoso/',
      url: 'https://vsrm.dev.azure.com/contoso/p/_apis/release/releases/1',
      authorization: `Bearer ${JOB_TOKEN}`,
    },
    'its place for OIDC tokens under the older name': {
      step: { url: 'https://dev.azure.com/fabrikam' },
      system: 'https://contoso.visualstudio.com/',
      url: 'https://contoso.vsrm.visualstudio.com/p/_apis/distributedtask/hubs/release/plans/p/jobs/j/oidctoken',
      authorization: `Bearer ${JOB_TOKEN}`,
    },
  };
  for (const [what, request] of Object.entries(allowed))
    it(`holds ${what}`, () => {
      assert.ok(isSent(request));
    });

  const refused: Record<string, Case> = {
    'an organization that the connection does not allow': {
      url: 'https://vssps.dev.azure.com/fabrikam/_apis/tokens/pats',
    },
    'one that only begins with an allowed name': { url: 'https://dev.azure.com/contoso-2/_apis/x' },
    'a listener on loopback, with a connection of the cloud': { url: `${LISTENER}/contoso/_apis/x` },
    'a listener that the job’s own connection names, beside a service connection to the cloud': {
      system: `${LISTENER}/contoso/`,
      url: `${LISTENER}/contoso/_apis/build/builds/1`,
      authorization: `Bearer ${JOB_TOKEN}`,
    },
    'a sign-in on loopback that the connection does not name': {
      url: `${LISTENER}/t/oauth2/v2.0/token`,
      service: 'entra',
    },
    'another authority of the cloud': {
      url: 'https://login.microsoftonline.us/t/oauth2/v2.0/token',
      service: 'entra',
    },
    'a key vault on loopback, with a connection of the cloud': {
      url: `${LISTENER}/secrets/x`,
      service: 'key-vault',
    },
    'another port than the emulator': { step: emulator, url: `${LISTENER}/contoso/_apis/x` },
    'another name of the same interface': { step: emulator, url: 'http://localhost:8080/contoso/_apis/x' },
    'another scheme on the same port': { step: emulator, url: 'https://127.0.0.1:8080/contoso/_apis/x' },
    'a key vault on another port than the emulator': {
      step: emulator,
      url: `${LISTENER}/secrets/x`,
      service: 'key-vault',
    },
    'another organization of the emulator': { step: emulator, url: `${HERE}/fabrikam/_apis/x` },
    'a listener that a variable names as the collection': {
      step: {
        ...withoutConnection,
        variables: { 'System.TeamFoundationCollectionUri': `${LISTENER}/contoso` },
      },
      system: 'https://dev.azure.com/contoso/',
      url: `${LISTENER}/contoso/_apis/x`,
    },
    'a listener that the input organization names': {
      step: { inputs: { ...withoutConnection.inputs, organization: `${LISTENER}/x` } },
      url: `${LISTENER}/x/_apis/tokens/pats`,
    },
    'an Azure DevOps host for a sign-in': { url: 'https://dev.azure.com/contoso', service: 'entra' },
    'an authority for a request of Azure DevOps': { url: `${AUTHORITY}/contoso/_apis/x` },
    'a key vault for a request of Azure DevOps': { url: 'https://contoso.vault.azure.net/contoso/_apis/x' },
    'the issuing user’s token at the organization of the run, which the connection does not allow': {
      step: { url: 'https://dev.azure.com/fabrikam' },
      system: 'https://dev.azure.com/contoso/',
      url: 'https://dev.azure.com/contoso/_apis/x',
    },
  };
  for (const [what, request] of Object.entries(refused))
    it(`does not hold ${what}`, () => {
      assert.ok(!isSent(request));
    });

  it('is made once: what changes while the step runs does not extend it', () => {
    const fields: Record<string, string> = { ...agentState().connections['issuer']?.fields };
    const state = agentState();
    const issuer = state.connections['issuer'] ?? assert.fail('no connection');
    const mayReceive = destinationsOf(
      new MemoryAgent({ ...state, connections: { issuer: { ...issuer, fields } } }),
    );
    const request = (organization: string) => ({
      method: 'GET' as const,
      url: `https://dev.azure.com/${organization}/_apis/x`,
      headers: {},
      timeout: 1000,
    });
    mayReceive(request('contoso'));
    fields['allowedOrganizations'] = 'fabrikam';
    assert.throws(() => {
      mayReceive(request('fabrikam'));
    }, Failure);
  });
});

describe('Organizations beyond the ceiling', () => {
  withoutNetwork();

  for (const organization of ['tailspin', 'https://dev.azure.com/tailspin', `${LISTENER}/x`]) {
    it(`are refused by RevokePat before the sign-in: ${organization}`, async () => {
      const world = new World(
        new MemoryAgent(revokeState({ inputs: { what: 'name', namePattern: 'Nightly*', organization } })),
        new PatService(),
      );
      await failureOf(() => revokePats(world.effects), 'ceiling-exceeded');
      assert.deepEqual(world.service.operations, []);
    });

    it(`are refused by AuditPats before the sign-in: ${organization}`, async () => {
      const state = agentState();
      const inputs = { ...defaultInputs('AuditPats'), patIssuer: 'issuer', organization };
      const world = new World(new MemoryAgent({ ...state, inputs }), new PatService());
      await failureOf(() => auditPats(world.effects), 'ceiling-exceeded');
      assert.deepEqual(world.service.operations, []);
    });
  }

  it('on loopback are refused without a connection too, unless the job itself belongs there', async () => {
    const listener = nock(LISTENER).get(/.*/).reply(200, {});
    const inputs = {
      patIssuer: '',
      entraToken: 'eyJ.token',
      organization: `${LISTENER}/x`,
      what: 'name',
      namePattern: 'N*',
    };
    const world = new World(new MemoryAgent(revokeState({ inputs })), new PatService());
    await failureOf(() => revokePats(world.effects), 'input-not-valid');
    assert.ok(!listener.isDone());
  });
});
