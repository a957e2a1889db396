import assert from 'node:assert/strict';
import type { Variable } from '#emulator/library/store';
import { variableGroup, type VariableGroupChoice } from '../../../tasks/common/stores/variable-group.js';
import {
  emptyUnauthorized,
  errorMessage,
  json,
  lost,
  signInPage,
  throttled,
  unavailable,
  type Answer,
} from './answers.js';
import { A, B, emulatedStores, entryOf, failureOrNone, generation } from './emulated-stores.js';
import { failureOf, withoutNetwork } from './world.js';

const CHOICE: VariableGroupChoice = {
  kind: 'variableGroup',
  variableGroup: 'deploy',
  project: '',
  variableName: 'GIT_PAT',
};
const FULL: Readonly<Record<string, Variable>> = {
  URL: { value: 'https://example.com' },
  PASSWORD: { value: 'another secret', isSecret: true },
  git_PAT: { value: 'old', isSecret: true },
  'GIT_PAT.AuthorizationId': { value: A.toUpperCase() },
};

/** A store in the group `deploy`, which is group 1 of contoso. */
function store({
  variables = FULL,
  choice = {},
  alone,
  name = 'deploy',
  ...group
}: {
  variables?: Readonly<Record<string, Variable>>;
  choice?: Partial<VariableGroupChoice>;
  alone?: boolean;
  name?: string;
  type?: string;
  description?: string;
  projects?: readonly string[];
  roles?: { buildService: 'administrator' | 'reader' | 'none'; people: 'administrator' | 'reader' | 'none' };
} = {}) {
  const stores = emulatedStores({ ...(alone !== undefined && { alone }) });
  for (const project of group.projects ?? [])
    if (project !== 'sample') stores.services.projects.add('contoso', { name: project });
  const added = stores.services.variableGroups.add({ name, variables, ...group });
  const opened = stores.open(variableGroup, { ...CHOICE, ...choice });
  return {
    ...stores,
    group: added,
    store: opened,
    look: () => opened.look(stores.policy()),
    recorded: () => opened.recorded(stores.policy()),
    write: (id = B) => opened.write(generation(id), stores.policy()),
    asked: () =>
      stores.sent.map(
        ({ method, by, url }) => `${method} ${by} ${url.pathname.split('variablegroups')[1] ?? url.pathname}`,
      ),
  };
}

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

describe('A write to a variable group', () => {
  withoutNetwork();

  /** How the write ended whose PUT was answered so. */
  async function ends(...answers: Answer[]) {
    const world = store();
    world.next('PUT', ...answers);
    const failure = await failureOrNone(() => world.write());
    return { ...world, failure, puts: world.asked().filter(line => line.startsWith('PUT')).length };
  }

  it('counts when the answer shows the record', async () => {
    assert.equal((await ends(usual => usual())).failure, undefined);
  });

  for (const [what, answer] of [
    [
      'shows another record',
      (() => json(200, { variables: { 'GIT_PAT.authorizationId': { value: A } } })) as Answer,
    ],
    [
      'shows the record as a secret',
      (() => json(200, { variables: { 'GIT_PAT.authorizationId': { value: B, isSecret: true } } })) as Answer,
    ],
    ['is empty', (() => ({ status: 204, body: '' })) as Answer],
  ] as const)
    it(`whose answer ${what} is for reading to tell`, async () => {
      const { failure, puts } = await ends(answer);
      assert.equal(failure?.topic, 'store-not-usable');
      assert.match(
        failure.what,
        /^The write to the variable group "deploy", GIT_PAT was answered as if it were done/,
      );
      assert.equal(puts, 1);
    });

  it('is sent again when the service asks for that, and is certainly not done while it does', async () => {
    const { failure, puts, clock } = await ends(throttled(7));
    assert.deepEqual([failure, puts, clock.waits], [undefined, 2, [7_000]]);
    const never = await ends(...Array.from({ length: 60 }, () => throttled(30)));
    assert.equal(never.failure?.topic, 'store-refused');
  });

  it('that may have been done is not sent again', async () => {
    for (const answer of [lost, unavailable()]) {
      const { failure, puts } = await ends(answer);
      assert.ok(failure !== undefined && failure.topic !== 'store-refused', failure?.topic);
      assert.equal(puts, 1);
    }
  });

  it('that was not let in is certainly not done, but for a page that stands in between', async () => {
    assert.equal((await ends(emptyUnauthorized)).failure?.topic, 'store-refused');
    assert.notEqual((await ends(signInPage(200))).failure?.topic, 'store-refused');
  });

  for (const [status, code, says] of [
    [
      403,
      'group-forbidden',
      /^The variable group "deploy", GIT_PAT in project sample cannot be written by the identity of this job \(/,
    ],
    [409, 'changed-meanwhile', /^contoso did not take the new variable group "deploy", GIT_PAT \(/],
    [400, 'group-not-valid', /^contoso did not take the new/],
    [422, 'refused', /^contoso did not take the new/],
  ] as const)
    it(`that is refused with ${status} says why, and what to do`, async () => {
      const { failure } = await ends(
        errorMessage(status, 'Not so.', status === 403 ? 'AccessDeniedException' : 'XException'),
      );
      assert.equal(failure?.topic, 'store-refused');
      assert.match(failure.what, says);
      assert.match(failure.what, /Not so/);
      assert.deepEqual(failure.situation, { about: 'service', code, asker: 'pat' });
      assert.equal(failure.facts.status, status);
    });

  it('to a group that is gone says so', async () => {
    const { failure } = await ends(errorMessage(404, 'x', 'VariableGroupNotFoundException'));
    assert.equal(failure?.topic, 'store-refused');
    assert.match(failure.what, /^There is no variable group "deploy"/);
  });
});

describe('The projects that share a variable group', () => {
  withoutNetwork();

  /** What a write sends of the projects, where the service shows these. */
  async function sentFor(shown: object, ...more: Answer[]) {
    const world = store({ choice: {} });
    world.next(
      'GET user',
      usual => json(200, { ...(JSON.parse(usual().body) as object), ...shown }),
      ...more,
    );
    await world.write();
    const body = world.sent.find(({ method }) => method === 'PUT')?.body as {
      variableGroupProjectReferences: unknown;
    };
    return { references: body.variableGroupProjectReferences, asked: world.asked() };
  }
  const id = 'cdcdcdcd-3434-4565-8787-909090909090';

  const own = emulatedStores().services.organizations.get('contoso').project;

  it('go back as they came where they have names and ids', async () => {
    const projectReference = { id: own.id, name: own.name, more: 1 };
    const variableGroupProjectReferences = [{ name: 'x', description: 'y', projectReference }];
    const { references, asked } = await sentFor({ variableGroupProjectReferences });
    assert.deepEqual(references, variableGroupProjectReferences);
    assert.equal(asked.length, 3, 'nobody is asked about them');
  });

  it('are looked up where a name is missing or empty, or an id', async () => {
    const whole = { id: own.id, name: own.name };
    for (const projectReference of [
      { id: own.id },
      { ...whole, name: '' },
      { name: own.name },
      { ...whole, id: '' },
    ]) {
      const shown = { variableGroupProjectReferences: [{ name: 'x', projectReference }] };
      const { references, asked } = await sentFor(shown);
      assert.deepEqual(references, [{ name: 'x', projectReference: whole }]);
      assert.ok(
        asked.some(line => line.includes('/_apis/projects/')),
        asked.join(),
      );
    }
  });

  it('are the one of the entry where none is told, by its id or its name', async () => {
    for (const project of [own.id, own.name]) {
      const world = store({ choice: { project }, description: 'For deployments' });
      const none = { variableGroupProjectReferences: null, isShared: false };
      world.next('GET user', usual => json(200, { ...(JSON.parse(usual().body) as object), ...none }));
      await world.write();
      const body = world.sent.find(({ method }) => method === 'PUT')?.body as Record<string, unknown>;
      const projectReference = { id: own.id, name: own.name };
      const expected = [{ name: 'deploy', description: 'For deployments', projectReference }];
      assert.deepEqual(body['variableGroupProjectReferences'], expected);
    }
    const plain = store();
    const silent = { variableGroupProjectReferences: null, description: null };
    plain.next('GET user', usual => json(200, { ...(JSON.parse(usual().body) as object), ...silent }));
    await plain.write();
    const body = plain.sent.find(({ method }) => method === 'PUT')?.body as {
      variableGroupProjectReferences: { description: string }[];
    };
    assert.equal(body.variableGroupProjectReferences[0]?.description, '');
  });

  it('that are not told of a shared group keep it from being written', async () => {
    await failureOf(() => sentFor({ variableGroupProjectReferences: [], isShared: true }), 'store-refused');
  });

  it('of which one has no name that anybody sees keep it from being written', async () => {
    const failure = await failureOf(
      () => sentFor({ variableGroupProjectReferences: [{ name: 'x', projectReference: { id } }] }),
      'store-refused',
    );
    assert.match(
      failure.what,
      new RegExp(`^contoso does not tell the name of project ${id}, which shares the variable group`),
    );
  });
});
