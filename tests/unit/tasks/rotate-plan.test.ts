import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import fc from 'fast-check';
import { root } from '../../../scripts/paths.js';
import { ValidationErrors } from '../../../tasks/common/inputs/validation-errors.js';
import { LONGEST_ROTATED_NAME } from '#pat/generations';
import { Failure } from '#advice/failure';
import { DAY, HOUR } from '#text/lifetime';
import { ENTRY_KEYS, type RotationEntry } from '../../../tasks/RotatePat/RotatePatV1/entry.js';
import { readPlanFile } from '../../../tasks/RotatePat/RotatePatV1/plan-file.js';
import { defaultInputs } from './memory-agent.js';
import { GroupService, rotatePats, rotateStep } from './rotate-pats.js';
import { PatService } from './pat-service.js';
import { failureOf, withoutNetwork } from './world.js';

const schema: object = JSON.parse(
  readFileSync(join(root, 'schemas', 'rotation-plan.schema.json'), 'utf8'),
) as object;
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

const PLAN = `
pats:
- name: Nightly mirror
  scopes: vso.code
  store: variableGroup
  variableGroup: deploy
  variableName: GIT_PAT
- name: Feed
  scopes: [vso.packaging, Work Items (Read)]
  validFor: 10d
  renewBefore: 2d
  overlap: 1h
  store: serviceConnection
  serviceConnection: Azure Artifacts
  project: Web
- name: Vault
  scopes: vso.code
  store: keyVault
  keyVaultUrl: https://contoso.vault.azure.net
  secretName: git-pat
`;

describe('A plan of rotations', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'job-pat-plan-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  withoutNetwork();

  const written = (yaml: string): string => {
    const path = join(folder, 'rotation.yml');
    writeFileSync(path, yaml);
    return path;
  };
  const defaults = defaultInputs('RotatePat');

  function read(yaml: string): { entries: RotationEntry[]; faults: string } {
    const faults = new ValidationErrors();
    const entries = readPlanFile(
      written(yaml),
      { text: key => defaults[key] ?? '', isTold: () => false },
      faults,
    );
    try {
      faults.throwIfAny();
      return { entries, faults: '' };
    } catch (error) {
      assert.ok(error instanceof Failure);
      return { entries, faults: error.what };
    }
  }

  it('has an entry for each PAT, with the inputs of the step where it says nothing', () => {
    const { entries, faults } = read(PLAN);
    assert.equal(faults, '');
    assert.deepEqual(entries[0], {
      name: 'Nightly mirror',
      scopes: ['vso.code'],
      validFor: 30 * DAY,
      renewBefore: 7 * DAY,
      overlap: 24 * HOUR,
      takeOver: false,
      store: { kind: 'variableGroup', variableGroup: 'deploy', project: '', variableName: 'GIT_PAT' },
    });
    assert.deepEqual(entries[1], {
      name: 'Feed',
      scopes: ['vso.packaging', 'vso.work'],
      validFor: 10 * DAY,
      renewBefore: 2 * DAY,
      overlap: HOUR,
      takeOver: false,
      store: {
        kind: 'serviceConnection',
        serviceConnection: 'Azure Artifacts',
        project: 'Web',
        connectionParameter: 'apitoken',
      },
    });
    assert.equal(entries[2]?.store.kind, 'keyVault');
  });

  it('fits its JSON schema, which knows the same keys', () => {
    assert.ok(validate(parse(PLAN)), JSON.stringify(validate.errors));
    const { definitions } = schema as {
      definitions: { pat: { properties: Record<string, { maxLength?: number }> } };
    };
    assert.deepEqual(Object.keys(definitions.pat.properties).sort(), [...ENTRY_KEYS].sort());
    assert.equal(definitions.pat.properties['name']?.maxLength, LONGEST_ROTATED_NAME);
  });

  for (const [what, yaml, fault] of [
    [
      'an unknown key',
      'pats:\n- name: A\n  scope: vso.code\n',
      /rotation\.yml, line 3: "scope" is not known/,
    ],
    [
      'a wrong scope',
      'pats:\n- name: A\n  scopes: vso.cod\n',
      /rotation\.yml, line 3: scopes "vso\.cod".*vso\.code/,
    ],
    ['a missing name', 'pats:\n- scopes: vso.code\n', /line 2: name is required\. Example/],
    ['a wrong time', 'pats:\n- name: A\n  overlap: soon\n', /line 3: overlap "soon" is not a length of time/],
    [
      'the same name twice',
      `${PLAN}- name: Feed\n  scopes: vso.code\n  variableGroup: d\n  variableName: V\n`,
      /line 21: name "Feed" is there twice/,
    ],
    [
      'two PATs in one place',
      `${PLAN}- name: Other\n  scopes: vso.code\n  variableGroup: DEPLOY\n  variableName: git_pat\n`,
      /line 21: .*the same place as "Nightly mirror"/,
    ],
    [
      "the record of one PAT in another one's place",
      `${PLAN}- name: Other\n  scopes: vso.code\n  variableGroup: deploy\n  variableName: git_pat.AuthorizationId\n`,
      /line 21: "Other" goes to the same place as "Nightly mirror", or to its record/,
    ],
    ['an alias', 'pats:\n- &a\n  name: A\n- *a\n', /line 2: anchors[^]*line 4: anchors \(&\) and aliases/],
    ['a tag', 'pats:\n- name: !!str 1\n', /line 2: tags \(!\) are not read/],
    ['a key that only looks like one', 'pats:\n- "name ": A\n', /line 2: "name " is not known/],
    ['a merge key', 'x: &a\n  name: A\npats:\n- <<: *a\n', /line 4: merge keys \(<<\) are not read\. Write/],
    [
      'a key twice',
      'pats:\n- name: A\n  name: B\n  scope: x\n',
      /line 3: "name" is there twice[^]*line 4: "scope" is/,
    ],
    [
      'null for a name',
      'pats:\n- name: A\n  variableGroup: null\n',
      /line 3: variableGroup "null" means nothing/,
    ],
    [
      'a way out of its project',
      'pats:\n- name: A\n  project: ..\n',
      /line 3: project "\.\." is not the name/,
    ],
    ['broken YAML', 'pats:\n- name: "A\n', /rotation\.yml, line \d: this is not YAML/],
    ['no list', 'name: A\n', /line 1: "name" is not known/],
    ['an empty list', 'pats: []\n', /list with an entry for each PAT/],
    ['nothing', '', /a plan is a map/],
    [
      'a connection to Azure',
      'pats:\n- name: A\n  azureConnection: x\n',
      /"azureConnection" is an input of the step/,
    ],
    ['a map for a text', 'pats:\n- name: { a: b }\n', /name has to be a text/],
  ] as const) {
    it(`with ${what} is refused with its line`, () => {
      assert.match(read(yaml).faults, fault);
    });
  }

  it('takes names as they are written, whatever else they could mean', () => {
    const { entries, faults } = read(`pats:
- name: 1.10
  scopes: vso.code
  variableGroup: 0042
  variableName: Y
- name: 0x1F
  scopes: vso.code
  store: serviceConnection
  serviceConnection: 1e3
  project: yes
- name: True
  scopes: vso.code
  variableGroup: '007'
  variableName: N
  allowUnknownScopes: TRUE
`);
    assert.equal(faults, '');
    assert.deepEqual(
      entries.map(({ name }) => name),
      ['1.10', '0x1F', 'True'],
    );
    assert.deepEqual(
      entries.map(({ store }) =>
        store.kind === 'variableGroup'
          ? store.variableGroup
          : store.kind === 'serviceConnection'
            ? [store.serviceConnection, store.project]
            : '',
      ),
      ['0042', ['1e3', 'yes'], '007'],
    );
  });

  it('with more mistakes than anybody reads tells the first of them, and how many there are', () => {
    const { faults } = read(`pats:\n${'- { name: "", x: 1 }\n'.repeat(500)}`);
    assert.match(faults, /^51 things[^]*more lines have to be put right/);
  });

  if (process.platform !== 'win32')
    it('that is a pipe nobody writes to, or a device, is not waited for', async () => {
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      for (const plan of [pipe, '/dev/zero']) {
        const world = rotateStep({ inputs: { name: '', plan } });
        const { message } = await failureOf(() => rotatePats(world), 'input-not-valid');
        assert.match(message, /Input plan: ".*" is not a file/);
      }
    });

  it('of more than 1 MB is refused', async () => {
    const plan = written(`# ${'x'.repeat(1024 * 1024)}`);
    const { message } = await failureOf(
      () => rotatePats(rotateStep({ inputs: { name: '', plan } })),
      'input-not-valid',
    );
    assert.match(message, /is larger than 1024 KB/);
  });

  it('that cannot be read hides no fault of the inputs beside it', async () => {
    const inputs = {
      name: 'a',
      plan: join(folder, 'none.yml'),
      store: 'attic',
      validFor: 'x',
      project: 'a/b',
    };
    const { message } = await failureOf(() => rotatePats(rotateStep({ inputs })), 'input-not-valid');
    for (const name of ['plan', 'store', 'validFor', 'project'])
      assert.match(message, new RegExp(`Input ${name}: `));
  });

  it('tells once what is wrong with an input that all its entries take', async () => {
    const inputs = { name: '', plan: written(PLAN), overlap: 'soon' };
    const { message } = await failureOf(() => rotatePats(rotateStep({ inputs })), 'input-not-valid');
    assert.equal(message.match(/"soon"/g)?.length, 1);
  });

  it('that names one variable twice, its group by name and by id, leaves the later entry undone', async () => {
    const group = new GroupService();
    const entry = (name: string, group: string) =>
      `- name: ${name}\n  scopes: vso.code\n  variableGroup: ${group}\n  variableName: GIT_PAT\n`;
    const plan = written(`pats:\n${entry('One', 'deploy')}${entry('Two', '7')}`);
    const world = rotateStep({ inputs: { name: '', plan } });
    assert.deepEqual(await rotatePats(world), { result: 'Failed', message: '1 of 2 PATs failed.' });
    assert.match(world.agent.lines('error').join(), /PAT "Two": .* is the place of "One"/);
    assert.equal(group.count('PUT'), 1);
  });

  it('tells all faults at once', () => {
    const { faults } = read('pats:\n- name: A\n  scopes: x\n  validFor: y\n- scopes: vso.code\n');
    assert.match(faults, /line 3[^]*line 4[^]*line 5/);
  });

  it('is read or refused, whatever the text', () => {
    const text = fc.string({
      unit: fc.constantFrom('pats:', '- ', 'name: ', 'a', '\n', '  ', '{', '}', '[', ']', '&', '*', '"', ':'),
    });
    fc.assert(
      fc.property(text, yaml => {
        const { entries, faults } = read(yaml);
        assert.ok(entries.length === 0 || faults !== '');
      }),
      { numRuns: 200 },
    );
  });

  it('that is not there is said with its path and the reason', async () => {
    const world = rotateStep({ inputs: { name: '', plan: join(folder, 'none.yml') } });
    const { message } = await failureOf(() => rotatePats(world), 'input-not-valid');
    assert.match(message, /none\.yml" cannot be read \(ENOENT\)/);
  });

  it('stands in the place of a name', async () => {
    const world = rotateStep({ inputs: { plan: written(PLAN) } });
    const { message } = await failureOf(() => rotatePats(world), 'input-not-valid');
    assert.match(message, /either plan or name/);
  });

  it('is none when the agent makes the folder of the sources of an empty input', async () => {
    new GroupService();
    const step = { inputs: { plan: folder }, variables: { 'System.DefaultWorkingDirectory': `${folder}/` } };
    assert.equal(await rotatePats(rotateStep(step)), undefined);
  });

  it('of three PATs in one group is rotated with one list, and one failure does not stop the others', async () => {
    const service = new PatService();
    const group = new GroupService();
    const entry = (name: string, more: string): string =>
      `- name: ${name}\n  scopes: vso.code\n  variableGroup: deploy\n  variableName: ${name}\n${more}`;
    const plan = written(
      `pats:\n${entry('One', '')}${entry('Two', '')}- name: Three\n  scopes: vso.code\n  variableGroup: none\n  variableName: T\n`,
    );
    const world = rotateStep({ inputs: { name: '', plan } }, service);
    const outcome = await rotatePats(world);
    assert.deepEqual(outcome, { result: 'Failed', message: '1 of 3 PATs failed.' });
    assert.equal(service.count('list'), 1);
    assert.match(String(group.value('One')), /AZDO/);
    assert.match(String(group.value('Two')), /AZDO/);
    assert.equal(service.alive.size, 2);
    assert.equal(world.agent.outputs['authorizationId']?.split(',').length, 3);
  });
});
