import type { BundledPackage } from './notices.js';
import type { Product } from './product.js';

/**
 * What a package is made of, in CycloneDX 1.6 (ECMA-424). It has no serial number and no time, so that two builds of one
 * commit are the same bytes.
 */
export function billOfMaterials(
  name: string,
  { version, repository }: Product,
  packages: readonly BundledPackage[],
): string {
  const self = `pkg:generic/${name}@${version}`;
  const components = packages.map(({ name, version, licence }) => ({
    type: 'library',
    'bom-ref': purlOf(name, version),
    name,
    version,
    scope: 'required',
    licenses: [/[ ()]/.test(licence) ? { expression: licence } : { license: { id: licence } }],
    purl: purlOf(name, version),
  }));
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': self,
        name,
        version,
        purl: self,
        licenses: [{ license: { id: 'MIT' } }],
        externalReferences: [{ type: 'vcs', url: repository }],
      },
    },
    components,
    dependencies: [
      { ref: self, dependsOn: components.map(component => component['bom-ref']) },
      ...components.map(component => ({ ref: component['bom-ref'] })),
    ],
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

/** A package URL; the `@` of a scope is written as `%40`. */
function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}
