import assert from 'node:assert/strict';
import { EVERY_SCOPE, defaultCeilings } from '../../../cli/connect/ceiling-options.js';
import { changedConnection, newConnection } from '../../../cli/connect/connection-fields.js';
import {
  readConnectRequest,
  ROOM_FOR_DESCRIPTION,
  type ConnectOptions,
} from '../../../cli/connect/request.js';
import { readApplication, readProject, type SignInOptions } from '../../../cli/options.js';
import { ValidationErrors } from '../../../tasks/common/inputs/validation-errors.js';
import { readCeilings } from '../../../tasks/common/inputs/ceilings.js';
import { CLOUD } from '../../../tasks/common/inputs/issuer.js';
import { renewalAt } from '#pat/renewal-tag';

const CLIENT = '6a7c2ab4-1111-4222-8333-3f6d2f1f8c11';
const good: ConnectOptions = {
  organization: 'contoso',
  project: 'Shop',
  clientId: CLIENT,
  name: 'PAT issuer',
  printAppRegistration: false,
};

/** What is wrong with these options of `connect`; empty: nothing. */
function faultsOf(options: Partial<ConnectOptions>): string {
  try {
    readConnectRequest({ ...good, ...options }, new ValidationErrors());
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

function signInFaults(options: SignInOptions): string {
  const faults = new ValidationErrors();
  readApplication(options, undefined, faults);
  try {
    faults.throwIfAny();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

describe('options', () => {
  it('are judged all at once and by their names, each with the others at fault', () => {
    const said = faultsOf({
      organization: 'https://example.com/x',
      project: '..',
      clientId: 'abc',
      name: 'a\nb',
      description: 'x'.repeat(ROOM_FOR_DESCRIPTION + 1),
      tenant: 'contoso',
      authorityUrl: 'https://login.example.com',
      allowedScopes: 'vso.cod',
      maxLifetime: 'soon',
      maxRotatedLifetime: '400d',
      allowedOrganizations: 'evil.example/x',
    });
    for (const option of [
      ...['--organization', '--project', '--client-id', '--name', '--description', '--tenant'],
      ...['--authority-url', '--allowed-scopes', '--max-lifetime', '--max-rotated-lifetime'],
      '--allowed-organizations',
    ])
      assert.ok(said.includes(`- ${option}: `), `${option} in ${said}`);
    assert.doesNotMatch(said, /Service connection,|Input /);
  });

  it('take no lifetime that no PAT can have', () => {
    for (const lifetime of ['1m', '4m', '0m', '366d', '9000h'])
      assert.match(faultsOf({ maxLifetime: lifetime }), /^--max-lifetime: no PAT lives/, lifetime);
    for (const lifetime of ['5m', '24h', '365d', 'PT2H'])
      assert.equal(faultsOf({ maxLifetime: lifetime }), '', lifetime);
    assert.match(faultsOf({ maxRotatedLifetime: '2m' }), /^--max-rotated-lifetime/);
  });

  it('take no empty list for a ceiling, which would mean all', () => {
    assert.match(faultsOf({ allowedScopes: ' , ' }), /^--allowed-scopes: names no scope/);
    assert.match(faultsOf({ allowedOrganizations: ' ' }), /^--allowed-organizations: names no organization/);
  });

  it('take no id of an application that is none', () => {
    for (const clientId of ['abc', '', `${CLIENT}0`, `{${CLIENT}}`])
      assert.match(faultsOf({ clientId }), /^--client-id/, clientId);
  });

  it('need an application, unless an Entra token is given', () => {
    assert.match(signInFaults({}), /^--client-id: is required/);
    assert.equal(signInFaults({ entraToken: true }), '');
    assert.match(signInFaults({ entraToken: true, refreshToken: true }), /^--entra-token: give either/);
  });

  it('take no project that is a step in a path or no name', () => {
    for (const name of ['..', '.', 'a/b', 'a\\b', 'a?b', 'x'.repeat(65), ''])
      assert.throws(() => {
        const faults = new ValidationErrors();
        readProject(name, faults);
        faults.throwIfAny();
      }, /--project/);
  });
});

describe('the ceilings of a connection', () => {
  const request = (options: Partial<ConnectOptions> = {}) =>
    readConnectRequest({ ...good, ...options }, new ValidationErrors());
  const issuer = {
    authority: 'https://login.microsoftonline.com',
    tenantId: CLIENT,
    clientId: CLIENT,
    signIn: { scheme: 'Token', refreshToken: 'token', clientSecret: undefined },
  } as const;
  const project = { id: CLIENT, name: 'Shop' };
  const renewal = renewalAt(new Date(0), '00000000');
  const made = (options: Partial<ConnectOptions> = {}) =>
    newConnection(request(options), issuer, project, renewal).data as Record<string, string>;

  it('are all written, so that none is empty', () => {
    const data = made();
    assert.deepEqual(
      Object.entries(data).filter(([, value]) => value === ''),
      [],
    );
    assert.equal(data['allowedScopes'], EVERY_SCOPE);
    assert.equal(data['allowedOrganizations'], 'contoso');
    assert.equal(data['maxLifetime'], '24h');
    assert.equal(data['maxRotatedLifetime'], '0d');
    assert.ok(!EVERY_SCOPE.split(' ').includes('app_token'));
  });

  it('are read by every task as they are written', () => {
    const faults = new ValidationErrors();
    const ceilings = readCeilings(defaultCeilings(CLOUD), CLOUD, faults);
    faults.throwIfAny();
    assert.deepEqual(
      ceilings.organizations.map(({ name }) => name),
      [CLOUD.name],
    );
  });

  it('are those of the options', () => {
    const data = made({
      allowedScopes: 'Code (Read), vso.packaging',
      maxRotatedLifetime: '90d',
      allowedOrganizations: 'contoso, fabrikam',
    });
    assert.equal(data['allowedScopes'], 'vso.code vso.packaging');
    assert.equal(data['maxRotatedLifetime'], '90d');
    assert.equal(data['allowedOrganizations'], 'contoso fabrikam');
    for (const none of ['0', 'none', '0d'])
      assert.equal(made({ maxRotatedLifetime: none })['maxRotatedLifetime'], '0d');
  });

  it('stay where a changed connection has them, and are written out where it left them empty', () => {
    const raw = { data: { allowedScopes: 'vso.code', maxLifetime: '', other: 'kept' } };
    const changed = changedConnection(raw, request(), issuer, project, renewal);
    const data = changed.data as Record<string, string>;
    assert.equal(data['allowedScopes'], 'vso.code');
    assert.equal(data['maxLifetime'], '24h');
    assert.equal(data['maxRotatedLifetime'], '0d');
    assert.equal(data['other'], 'kept');
  });

  it('come with a description that the service takes, however long it was', () => {
    const raw = { description: '😀'.repeat(512), data: {} };
    const { description } = changedConnection(raw, request(), issuer, project, renewal) as {
      description: string;
    };
    assert.ok(description.length <= 1024, String(description.length));
    assert.ok(description.endsWith(`\njob-pat:renewed/${renewal.text}`));
    assert.doesNotMatch(description, /[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
  });
});
