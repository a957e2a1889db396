import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asObject, parseJson } from '#text/json';
import { buildExtension } from '../../../scripts/build.js';
import { readProduct, withAbsoluteLinks } from '../../../scripts/product.js';

const fork = {
  version: '1.2.3',
  publisher: 'contoso-tools',
  repository: 'https://github.com/contoso/tokens',
  issues: 'https://github.com/contoso/tokens/issues',
};

describe('A link of a page', () => {
  it('to a file of the repository leads to the tag of the version', () => {
    assert.equal(
      withAbsoluteLinks(
        '[a](docs/audit.md#rules), [b](examples), [c](#here), [d](https://example.com/x)',
        fork,
      ),
      '[a](https://github.com/contoso/tokens/blob/v1.2.3/docs/audit.md#rules), ' +
        '[b](https://github.com/contoso/tokens/tree/v1.2.3/examples), [c](#here), [d](https://example.com/x)',
    );
  });
});

describe('A fork that changes package.json alone', () => {
  let folder: string;
  const shipped = new Map<string, string>();

  before(async function () {
    this.timeout(60_000);
    folder = await mkdtemp(join(tmpdir(), 'job-pat-fork-'));
    await buildExtension('release', folder, fork);
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile() && /\.(js|json|md|html|txt)$/.test(entry.name))
        shipped.set(entry.name, await readFile(join(entry.parentPath, entry.name), 'utf8'));
  });
  after(() => rm(folder, { recursive: true }));

  it('leaves no address of the original in the extension', async () => {
    const { repository } = await readProduct();
    const original = new URL(repository).pathname.slice(1);
    for (const [name, text] of shipped) assert.ok(!text.includes(original), name);
  });

  it('publishes under its own name, with every link at its own tag', () => {
    const manifest = asObject(parseJson(shipped.get('vss-extension.json') ?? '')) ?? {};
    assert.equal(manifest['publisher'], 'contoso-tools');
    assert.doesNotMatch(shipped.get('overview.md') ?? '', /\]\((?!https:|#)/);
    assert.match(
      shipped.get('overview.md') ?? '',
      /!\[[^\]]+\]\(https:\/\/github\.com\/contoso\/tokens\/raw\/v1\.2\.3\/images\/pictures\/life-light\.png\)/,
      'a picture leads to its bytes',
    );
    const links = Object.values(asObject(manifest['links']) ?? {}).map(link =>
      String(asObject(link)?.['uri']),
    );
    for (const link of links) assert.match(link, /^https:\/\/github\.com\/contoso\/tokens/);
    assert.ok(links.includes('https://github.com/contoso/tokens/blob/v1.2.3/docs/security.md'));
  });

  it('says with versions and licences what it is made of, and nothing that changes from build to build', () => {
    const bill = asObject(parseJson(shipped.get('sbom.cdx.json') ?? '')) ?? {};
    assert.deepEqual(
      [bill['bomFormat'], bill['specVersion'], bill['serialNumber']],
      ['CycloneDX', '1.6', undefined],
    );
    const components = Array.isArray(bill['components']) ? bill['components'].map(asObject) : [];
    const names = components.map(component => String(component?.['name']));
    assert.ok(names.includes('typed-rest-client') || names.includes('yaml'), names.join());
    for (const component of components) {
      assert.match(String(component?.['purl']), /^pkg:npm\/(%40[\w-]+\/)?[\w.-]+@\d+\.\d+\.\d+/);
      assert.ok(
        (shipped.get('NOTICE.txt') ?? '').includes(
          `${String(component?.['name'])} ${String(component?.['version'])}\n`,
        ),
      );
    }
  });
});
