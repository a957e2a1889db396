import assert from 'node:assert/strict';
import type { Variable } from '#emulator/library/store';
import { variableGroup } from '../../../tasks/common/stores/variable-group.js';
import { emptyUnauthorized, errorMessage, json, signInPage, unavailable } from './answers.js';
import { A, B, entryOf } from './emulated-stores.js';
import { failureOf, withoutNetwork } from './world.js';
import { CHOICE, store } from './group-store.js';

describe('An entry for a variable group', () => {
  const read = (texts: Parameters<typeof entryOf<'variableGroup' | 'variableName'>>[0]) => {
    const source = entryOf<'variableGroup' | 'variableName'>(texts);
    return { choice: variableGroup.read(source), faults: source.faults };
  };

  it('names group, project and variable', () => {
    const { choice, faults } = read({ variableGroup: 'deploy', variableName: 'GIT_PAT', project: 'Web' });
    assert.deepEqual([choice, faults], [{ ...CHOICE, project: 'Web' }, []]);
  });

  it('needs group and variable, and a variable that can be one', () => {
    assert.deepEqual(read({}).faults, [
      'variableName is required by this store. Example: GIT_PAT',
      'variableGroup is required by this store. Example: deploy',
    ]);
    assert.match(
      read({ variableGroup: 'deploy', variableName: 'PATH' }).faults.join(),
      /^variableName "PATH" /,
    );
  });

  it('claims the variable and the one beside it, in whatever case', () => {
    assert.deepEqual(variableGroup.claims({ ...CHOICE, project: 'Web' }), [
      'group web/deploy/git_pat',
      'group web/deploy/git_pat.authorizationid',
    ]);
    assert.deepEqual(variableGroup.writeScopes, ['vso.variablegroups_manage']);
  });
});

describe('A variable group as a store', () => {
  withoutNetwork();

  it('holds what its record names, at one place, in whatever spelling', async () => {
    const { look, asked, store: opened } = store();
    assert.equal(opened.place, 'variable group "deploy", GIT_PAT');
    assert.deepEqual(await look(), {
      place: 'variablegroup/contoso/1/git_pat',
      container: 'variablegroup/contoso/1',
      claims: ['variablegroup/contoso/1/git_pat', 'variablegroup/contoso/1/git_pat.authorizationid'],
      recorded: A,
      isForeign: false,
    });
    assert.deepEqual(asked(), ['GET job '], 'by name');
  });

  it('is found by its id, and a name of digits where no group has that id', async () => {
    const byId = store({ choice: { variableGroup: '1' } });
    assert.equal(await byId.recorded(), A);
    assert.deepEqual(byId.asked(), ['GET job /1']);
    const named = store({ name: '4711', choice: { variableGroup: '4711' } });
    assert.equal(await named.recorded(), A);
    assert.deepEqual(named.asked(), ['GET job /4711', 'GET user /4711', 'GET job ']);
    for (const name of ['deploy 7', '7 deploy']) {
      const other = store({ name, choice: { variableGroup: name } });
      assert.equal(await other.recorded(), A);
      assert.deepEqual(other.asked(), ['GET job '], 'that is no id');
    }
    const zero = store({ name: '0', choice: { variableGroup: '0' } });
    assert.equal(await zero.recorded(), A);
    assert.deepEqual(zero.asked(), ['GET job '], 'no id begins with 0');
  });

  it('is read by its id from then on, also where somebody gave it another name', async () => {
    const { recorded, group, asked } = store();
    await recorded();
    group.name = 'another';
    assert.equal(await recorded(), A);
    assert.deepEqual(asked(), ['GET job ', 'GET job /1']);
  });

  it('is of the project that the entry names, else of that of the run', async () => {
    const { recorded, sent } = store({ projects: ['Web & more'], choice: { project: 'Web & more' } });
    assert.equal(await recorded(), A);
    assert.match(sent[0]?.url.pathname ?? '', /^\/contoso\/Web%20%26%20more\/_apis/);
    const own = store();
    await own.recorded();
    assert.match(own.sent[0]?.url.pathname ?? '', /^\/contoso\/sample\/_apis/);
  });

  it('is empty where both variables are missing or without a value, and foreign where one has a value', async () => {
    const holding = async (variables: Readonly<Record<string, Variable>>) => {
      const { recorded, isForeign } = await store({ variables }).look();
      return [recorded, isForeign];
    };
    assert.deepEqual(await holding({}), [undefined, false]);
    assert.deepEqual(await holding({ GIT_PAT: { value: '' } }), [undefined, false]);
    assert.deepEqual(await holding({ GIT_PAT: { value: 'x' } }), [undefined, true]);
    assert.deepEqual(await holding({ GIT_PAT: { value: null, isSecret: true } }), [undefined, true]);
    assert.deepEqual(await holding({ 'GIT_PAT.authorizationId': { value: 'no guid' } }), [undefined, true]);
    assert.deepEqual(await holding({ 'GIT_PAT.authorizationId': { value: A, isSecret: true } }), [
      undefined,
      true,
    ]);
    assert.deepEqual(await holding({ 'GIT_PAT.authorizationId': { value: A } }), [A, false]);
  });

  it('that is linked to a key vault, or whose variable is read-only, is none', async () => {
    const linked = await failureOf(store({ type: 'azurekeyvault' }).look, 'store-not-usable');
    assert.match(linked.what, /^The variable group "deploy", GIT_PAT is linked to an Azure Key Vault/);
    const closed = store({ variables: { git_pat: { value: 'x', isReadOnly: true } } });
    assert.match((await failureOf(closed.recorded, 'store-not-usable')).what, /is read-only\.$/);
    const write = await failureOf(() => closed.write(), 'store-refused');
    assert.match(write.what, /is read-only\.$/);
    assert.ok(!closed.asked().some(line => line.startsWith('PUT')));
  });

  it('that is not there is said with name, project and who looked', async () => {
    for (const variableGroup of ['nobody', '77']) {
      const { look } = store({ choice: { variableGroup } });
      const { what } = await failureOf(look, 'store-not-usable');
      assert.equal(
        what,
        `There is no variable group "${variableGroup}" in project sample of contoso that the identity of this job may see.`,
      );
    }
    const odd = store();
    odd.next('GET', () => json(200, { value: [{ name: 'deploy' }] }));
    await failureOf(odd.look, 'store-not-usable');
  });

  it('is written as it was but for the two, in the spelling that they have', async () => {
    const { write, group, sent, asked } = store({
      description: 'For deployments',
      projects: ['sample', 'Mobile'],
    });
    await write();
    assert.deepEqual(group.variables, {
      URL: { value: 'https://example.com' },
      PASSWORD: { value: 'another secret', isSecret: true },
      git_PAT: { value: 'the-value', isSecret: true },
      'GIT_PAT.AuthorizationId': { value: B },
    });
    assert.deepEqual(asked(), ['GET job ', 'GET user /1', 'PUT user /1']);
    const body = sent.at(-1)?.body as Record<string, unknown>;
    assert.deepEqual(Object.keys(body).sort(), [
      'description',
      'id',
      'name',
      'type',
      'variableGroupProjectReferences',
      'variables',
    ]);
    assert.deepEqual(
      group.references.map(({ project }) => project.name),
      ['sample', 'Mobile'],
    );
  });

  it('gets both variables where it has none', async () => {
    const { write, group } = store({ variables: {}, alone: true });
    await write();
    assert.deepEqual(group.variables, {
      GIT_PAT: { value: 'the-value', isSecret: true },
      'GIT_PAT.authorizationId': { value: B },
    });
  });

  it('that the writer does not see any more is not written', async () => {
    const { write, next } = store();
    next('GET user', () => json(200, null));
    assert.match(
      (await failureOf(() => write(), 'store-refused')).what,
      /^There is no variable group "deploy"/,
    );
  });

  it('is read as the writer where the job may not see it', async () => {
    const { recorded, asked } = store({ roles: { buildService: 'none', people: 'administrator' } });
    assert.equal(await recorded(), A);
    assert.deepEqual(asked(), ['GET job ', 'GET user ']);
    for (const refusal of [errorMessage(403, 'No.'), emptyUnauthorized, signInPage()]) {
      const other = store();
      other.next('GET job', refusal);
      assert.equal(await other.recorded(), A);
      assert.deepEqual(other.asked(), ['GET job ', 'GET user ']);
    }
  });

  it('that fails in another way is not read as somebody else', async () => {
    const { recorded, next, asked } = store();
    next('GET job', ...Array.from({ length: 60 }, () => unavailable()));
    await failureOf(recorded, 'service-unavailable');
    assert.ok(asked().every(line => line.startsWith('GET job')));
  });

  it('that nobody else could read fails with what the one who reads was told', async () => {
    const alone = store({ alone: true });
    alone.next('GET', errorMessage(403, 'Not you.'));
    const refused = await failureOf(alone.recorded, 'store-refused');
    assert.match(
      refused.what,
      /^The variable group "deploy", GIT_PAT in project sample cannot be read by the identity of this job \(.*Not you/,
    );
    assert.deepEqual(refused.situation, { about: 'service', code: 'group-not-readable', asker: 'job' });
    const hidden = store({ alone: true, roles: { buildService: 'none', people: 'administrator' } });
    await failureOf(hidden.recorded, 'store-not-usable');
    assert.equal(hidden.asked().length, 1);
  });
});
