import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import AjvDraft4 from 'ajv-draft-04';
import { PNG } from 'pngjs';
import { type PackageFiles, readPackageFiles } from '#local-agent/package-files';
import { findSpecs } from '#emulator/contract';
import { REQUEST_ADVICE } from '#advice/request';
import { packagedDevExtension, packagedExtension } from './packaged-extension.js';
import { NO_DEVELOPMENT_PACKAGE, NO_DOCUMENTS, notHere } from '../not-here.js';

const root = join(import.meta.dirname, '..', '..');
const KB = 1024;

type Json = Readonly<Record<string, unknown>>;

describe('The packaged extension', () => {
  let files: PackageFiles;
  before(async () => {
    files = await readPackageFiles(packagedExtension());
  });

  it('holds the tasks and what the Marketplace shows, and nothing else', () => {
    const expected =
      /^(extension\.vso(manifest)|extension\.vsixmanifest|\[Content_Types\]\.xml|overview\.md|LICENSE|NOTICE\.txt|sbom\.cdx\.json|images\/(screenshots\/)?[a-z-]+\.png|tab\/(index\.html|main\.js|styles\.css)|tasks\/[A-Za-z]+\/[A-Za-z]+V\d+\/((main|post)(\.bundle)?\.js|(advice|agent-user|core-api|federation|key-vault-sdk|make-ready|nearest-scope|plan-file|purposes|redacted-exchange|rules-file|service-endpoint-api)\.js|task\.json|package\.json|icon\.png|Strings\/resources\.resjson\/en-US\/resources\.resjson))$/;
    assert.deepEqual(
      [...files.keys()].filter(path => !expected.test(path)),
      [],
    );
    for (const path of ['overview.md', 'LICENSE', 'NOTICE.txt', 'images/icon.png'])
      assert.ok(files.has(path), path);
    assert.ok(tasksOf(files).has('IssuePat'));
  });

  it('has for every task the texts that a person sees, where Azure DevOps looks for those of a language', () => {
    for (const [name, { folder, definition }] of tasksOf(files)) {
      const path = `${folder}/Strings/resources.resjson/en-US/resources.resjson`;
      const texts: unknown = JSON.parse(files.get(path)?.toString() ?? assert.fail(`${name} has no ${path}`));
      assert.ok(typeof texts === 'object' && texts !== null);
      const told = new Map(Object.entries(texts));
      for (const key of ['friendlyName', 'description', 'helpMarkDown', 'instanceNameFormat'])
        assert.equal(told.get(`loc.${key}`), definition[key], key);
      assert.ok(Array.isArray(definition['inputs']));
      for (const { name: input, label, helpMarkDown } of definition['inputs'] as Record<string, string>[]) {
        assert.equal(told.get(`loc.input.label.${input ?? ''}`), label);
        assert.equal(told.get(`loc.input.help.${input ?? ''}`), helpMarkDown);
      }
    }
  });

  it('says in a line that a log has room for where its help is', () => {
    for (const [name, { definition }] of tasksOf(files)) {
      const help = String(definition['helpMarkDown']);
      assert.match(help, /^\[[^\]]+\]\(https:[^)]+\/docs\/tasks\/[a-z-]+\.md\)$/, name);
      assert.ok(help.length <= 130, `${name}: ${help.length} letters`);
    }
  });

  it('stays small: each bundle below 300 KB, the whole below 900 KB', () => {
    for (const [path, content] of files) {
      if (path.endsWith('.js')) assert.ok(content.length <= 300 * KB, `${path}: ${content.length} bytes`);
    }
    const { size } = statSync(packagedExtension());
    assert.ok(size <= 900 * KB, `${size} bytes`);
  });

  it("has Microsoft's own clients in files that load where they are asked for, and nowhere else", () => {
    const scripts = [...files].filter(([path]) => path.endsWith('.js'));
    const holding = (text: string) =>
      scripts
        .filter(([, content]) => content.includes(text))
        .map(([path]) => path.split('/').slice(1).join('/'));
    assert.deepEqual(holding('Failed to find api location').sort(), [
      'RenewPatIssuer/RenewPatIssuerV1/service-endpoint-api.js',
      'RotatePat/RotatePatV1/core-api.js',
      'RotatePat/RotatePatV1/service-endpoint-api.js',
    ]);
    // Node 24 warns of its old parser on the standard error of a step.
    assert.deepEqual([...holding('require("url")'), ...holding('require("node:url")')], []);
  });

  it('has what shows each request in a file that loads with System.Debug, and nowhere else', () => {
    const holding = [...files]
      .filter(([path, content]) => path.endsWith('.js') && content.includes('displayfilteroption'))
      .map(([path]) => path.split('/').at(-1));
    assert.deepEqual(holding, Array(5).fill('redacted-exchange.js'));
  });

  it('has the words of refusals and purposes, and what of task-lib nobody calls, in no bundle that every run reads', () => {
    for (const task of ['IssuePat', 'RevokePat', 'RotatePat', 'RenewPatIssuer', 'AuditPats']) {
      const folder = `tasks/${task}/${task}V1`;
      assert.ok(textOf(files, `${folder}/advice.js`).includes(REQUEST_ADVICE['proxy-settings']));
      for (const stage of task === 'IssuePat' ? ['main', 'post'] : ['main']) {
        const bundle = textOf(files, `${folder}/${stage}.bundle.js`);
        const parts = [REQUEST_ADVICE['proxy-settings'], 'codecoverage.publish'];
        assert.deepEqual(
          parts.filter(text => bundle.includes(text)),
          [],
          `${task} ${stage}`,
        );
        assert.ok(bundle.includes('task.settaskvariable') || task !== 'IssuePat');
      }
    }
    assert.ok(textOf(files, 'tasks/IssuePat/IssuePatV1/purposes.js').includes('gitClone'));
  });

  it('shows the tab where one of its tasks is in the pipeline, in either flavour', async () => {
    const dev = packagedDevExtension();
    for (const vsix of [packagedExtension(), ...(dev === undefined ? [] : [dev])]) {
      const packed = vsix === dev ? await readPackageFiles(vsix) : files;
      const manifest = objectOf(JSON.parse(textOf(packed, 'extension.vsomanifest')));
      const tabs = listOf(manifest['contributions']).filter(
        ({ type }) => type === 'ms.vss-build-web.build-results-tab',
      );
      const { uri, supportsTasks } = objectOf(tabs[0]?.['properties']);
      const ids = [...tasksOf(packed).values()].map(({ definition }) => definition['id']);
      assert.ok(Array.isArray(supportsTasks) && supportsTasks.length > 0);
      assert.deepEqual(
        supportsTasks.filter(id => !ids.includes(id)),
        [],
      );
      assert.ok(packed.has(String(uri)));
      assert.deepEqual(manifest['scopes'], ['vso.build']);
    }
  });

  it('carries the version of the project, in the manifest and in every task', () => {
    const { version } = jsonAt(join(root, 'package.json'));
    assert.match(
      textOf(files, 'extension.vsixmanifest'),
      new RegExp(`<Identity [^>]*Version="${String(version)}"`),
    );
    for (const [name, { definition }] of tasksOf(files)) {
      const { Major, Minor, Patch } = objectOf(definition['version']);
      assert.equal([Major, Minor, Patch].join('.'), version, name);
    }
  });

  it('has tasks that every supported agent can run, with the same code on Node 20 and 24', () => {
    for (const [name, { folder, definition }] of tasksOf(files)) {
      assert.equal(definition['minimumAgentVersion'], '3.232.1', name);
      assert.deepEqual(definition['visibility'], ['Build', 'Release'], name);
      for (const stage of ['execution', 'postjobexecution'].filter(stage => stage in definition)) {
        const handlers = objectOf(definition[stage]);
        assert.deepEqual(Object.keys(handlers).sort(), ['Node20_1', 'Node24'], name);
        const targets = Object.values(handlers).map(handler => String(objectOf(handler)['target']));
        assert.equal(new Set(targets).size, 1, name);
        assert.ok(files.has(`${folder}/${targets[0] ?? ''}`), `${folder}/${String(targets[0])}`);
      }
      const icon = PNG.sync.read(files.get(`${folder}/icon.png`) ?? assert.fail(`${name} has no icon`));
      assert.deepEqual([icon.width, icon.height], [32, 32], name);
    }
  });

  it('offers the inputs and outputs of IssuePat with their defaults', () => {
    const { definition } = tasksOf(files).get('IssuePat') ?? assert.fail('no IssuePat');
    const defaults = listOf(definition['inputs']).map(input => [input['name'], input['defaultValue'] ?? '']);
    assert.deepEqual(Object.fromEntries(defaults), {
      patIssuer: '',
      entraToken: '',
      organization: '',
      purpose: '',
      scopes: '',
      configure: '',
      allowUnknownScopes: 'false',
      validFor: '1h',
      displayName: '',
      variableName: 'JOB_PAT',
      basicVariableName: '',
      verify: 'true',
      revoke: 'afterJob',
      onRevokeFailure: 'warn',
    });
    assert.deepEqual(
      listOf(definition['outputVariables']).map(output => output['name']),
      ['authorizationId', 'validTo', 'patName', 'gitUserName', 'gitUserEmail'],
    );
    assert.deepEqual(objectOf(definition['restrictions'])['commands'], { mode: 'restricted' });
  });

  it('has the service connection type that the tasks ask for', () => {
    const types = endpointTypesOf(files);
    assert.deepEqual(types, ['jobPatIssuer']);
    for (const [name, { definition }] of tasksOf(files)) {
      const issuer = listOf(definition['inputs']).find(input => input['name'] === 'patIssuer');
      assert.equal(issuer?.['type'], 'connectedService:jobPatIssuer', name);
    }
  });

  it('has task.json files that the published schema accepts', function () {
    const specs = findSpecs(undefined);
    const path = join(specs ?? '', 'tasks.schema.json');
    if (specs === undefined || !existsSync(path)) return notHere(this, NO_DOCUMENTS);
    const validate = new AjvDraft4.default({ strict: false, allErrors: true, unicodeRegExp: false }).compile(
      jsonAt(path),
    );
    for (const [name, { definition }] of tasksOf(files)) {
      validate(definition);
      const faults = (validate.errors ?? [])
        .map(error => `${error.instancePath} ${error.message ?? ''}`)
        // Values of properties are texts in every task of Azure Pipelines, also where the schema wants a boolean.
        .filter(fault => !/^\/inputs\/\d+\/properties\/\w+ must be boolean$/.test(fault));
      assert.deepEqual(faults, [], name);
    }
  });

  describe('in its development flavour', () => {
    let dev: PackageFiles;
    before(async function () {
      const path = packagedDevExtension();
      if (path === undefined) return notHere(this, NO_DEVELOPMENT_PACKAGE);
      dev = await readPackageFiles(path);
    });

    it('has other ids and names than the real one, so that it installs beside it', () => {
      assert.notEqual(identityOf(dev), identityOf(files));
      assert.deepEqual(
        [...tasksOf(dev).keys()].sort(),
        [...tasksOf(files).keys()].map(name => `${name}Dev`).sort(),
      );
      const ids = [...tasksOf(dev).values(), ...tasksOf(files).values()].map(
        ({ definition }) => definition['id'],
      );
      assert.equal(new Set(ids).size, ids.length);
      for (const id of ids) assert.match(String(id), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    });

    it('names another service connection type, everywhere', () => {
      assert.deepEqual(endpointTypesOf(dev), ['jobPatIssuerDev']);
      for (const [path, content] of dev) {
        if (/\.(json|vsomanifest|js)$/.test(path))
          assert.doesNotMatch(content.toString(), /\bjobPatIssuer\b/, path);
      }
    });
  });
});

function tasksOf(files: PackageFiles): Map<string, { folder: string; definition: Json }> {
  const tasks = new Map<string, { folder: string; definition: Json }>();
  for (const [path, content] of files) {
    if (!path.endsWith('/task.json')) continue;
    const definition = objectOf(JSON.parse(content.toString()));
    tasks.set(String(definition['name']), { folder: path.replace(/\/task\.json$/, ''), definition });
  }
  return tasks;
}

function endpointTypesOf(files: PackageFiles): unknown[] {
  const manifest = objectOf(JSON.parse(textOf(files, 'extension.vsomanifest')));
  return listOf(manifest['contributions'])
    .filter(({ type }) => type === 'ms.vss-endpoint.service-endpoint-type')
    .map(({ properties }) => objectOf(properties)['name']);
}

function identityOf(files: PackageFiles): string {
  return (
    /<Identity [^>]*\bId="([^"]+)"/.exec(textOf(files, 'extension.vsixmanifest'))?.[1] ?? assert.fail('no id')
  );
}

function textOf(files: PackageFiles, path: string): string {
  return (
    files
      .get(path)
      ?.toString('utf8')
      .replace(/^\uFEFF/, '') ?? assert.fail(`The package has no ${path}.`)
  );
}

function jsonAt(path: string): Json {
  return objectOf(JSON.parse(readFileSync(path, 'utf8')));
}

function objectOf(value: unknown): Json {
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value));
  return { ...value };
}

function listOf(value: unknown): Json[] {
  assert.ok(Array.isArray(value));
  return value.map(item => objectOf(item));
}
