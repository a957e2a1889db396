import assert from 'node:assert/strict';
import { projects } from '#azure-devops/projects';
import { vaultAt } from '#key-vault/vault';
import { keyVault } from '../../../tasks/common/stores/key-vault.js';
import { serviceConnection } from '../../../tasks/common/stores/service-connection.js';
import { variableGroup } from '../../../tasks/common/stores/variable-group.js';
import { json, type Answer } from './answers.js';
import { emulatedStores, generation } from './emulated-stores.js';
import { failureOf, withoutNetwork } from './world.js';

const ANOTHER = '6b4e1a52-0000-4000-8000-000000000002';

/** The usual answer, about another thing. */
const about =
  (members: object): Answer =>
  usual =>
    json(200, { ...(JSON.parse(usual().body) as object), ...members });

describe('A store about which somebody on the way gives the answer to another question', () => {
  withoutNetwork();

  it('is a service connection: it is read again, and the other one is not written', async () => {
    const world = emulatedStores({ alone: true });
    const mine = world.services.connections.add({
      id: '6b4e1a52-0000-4000-8000-000000000001',
      name: 'Feed',
      type: 'externalnugetfeed',
      parameters: { apitoken: 'old' },
    });
    const choice = { serviceConnection: 'Feed', project: '', connectionParameter: 'apitoken' };
    const store = world.open(serviceConnection, { kind: 'serviceConnection', ...choice });
    await store.look(world.policy());
    world.next('GET', about({ id: ANOTHER, name: 'Issuer' }));
    await store.write(generation(), world.policy());
    const puts = world.sent.filter(({ method }) => method === 'PUT');
    assert.deepEqual(
      puts.map(({ url }) => url.pathname.split('/').at(-1)),
      [mine.id],
    );
  });

  it('is a variable group: it is read again, and the other one is not written', async () => {
    const world = emulatedStores();
    const mine = world.services.variableGroups.add({ name: 'deploy', variables: {} });
    const choice = { variableGroup: 'deploy', project: '', variableName: 'GIT_PAT' };
    const store = world.open(variableGroup, { kind: 'variableGroup', ...choice });
    await store.look(world.policy());
    world.next('GET', about({ id: 4711, name: 'other', variables: {} }));
    await store.write(generation(), world.policy());
    const puts = world.sent.filter(({ method }) => method === 'PUT');
    assert.deepEqual(
      puts.map(({ url }) => url.pathname.split('/').at(-1)),
      [String(mine.id)],
    );
  });

  it('is a secret of a key vault: what the other one names is not taken for its record', async () => {
    const world = emulatedStores();
    world.services.keyVault.set('git-pat', { value: 'old' });
    const vault = vaultAt('https://contoso.vault.azure.net') ?? assert.fail();
    const store = world.open(keyVault, { kind: 'keyVault', vault, secretName: 'git-pat' });
    await store.look(world.policy());
    world.next('GET', about({ id: 'https://contoso.vault.azure.net/secrets/other/1' }));
    const { what } = await failureOf(() => store.recorded(world.policy()), 'answer-mixed-up');
    assert.match(what, /was asked about the secret "git-pat".*, and answered about another one/);
  });

  it('is a project that shares a group: its name is not taken from another one', async () => {
    const world = emulatedStores({ alone: true });
    const { project } = world.services.organizations.get('contoso');
    world.next('GET', about({ id: ANOTHER, name: 'Other' }));
    const read = projects(world.around.signIn.reader).read(project.id, world.policy());
    assert.deepEqual(await read, { id: project.id, name: project.name });
  });
});
