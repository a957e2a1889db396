import { tarball } from './tarball.js';
import { zip } from './zip.js';

/** The package that every feed has, of every kind. */
export const samplePackage = { name: 'hello-feed', version: '1.0.0', group: 'com.contoso' } as const;

const { name, version, group } = samplePackage;
const description = 'A package to read with a PAT.';

/** Its files, by their path in a feed; made when the first feed is opened. */
export function sampleFiles(): ReadonlyMap<string, Buffer> {
  made ??= new Map([...npmFiles(), ...pypiFiles(), ...nugetFiles(), ...mavenFiles()]);
  return made;
}
let made: ReadonlyMap<string, Buffer> | undefined;

type Files = readonly (readonly [path: string, content: Buffer])[];

function npmFiles(): Files {
  const manifest = { name, version, description, main: 'index.js' };
  const archive = tarball({
    'package/package.json': `${JSON.stringify(manifest, undefined, 2)}\n`,
    'package/index.js': "module.exports = 'hello from the feed';\n",
  });
  return [
    [`npm/${name}/${version}.json`, Buffer.from(JSON.stringify(manifest))],
    [`npm/${name}/${version}.tgz`, archive],
  ];
}

function pypiFiles(): Files {
  const module = name.replace('-', '_');
  const info = `${module}-${version}.dist-info`;
  const wheel = zip({
    [`${module}/__init__.py`]: "GREETING = 'hello from the feed'\n",
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nSummary: ${description}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: sample\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: [`${module}/__init__.py`, 'METADATA', 'WHEEL', 'RECORD']
      .map(file => `${file.includes('/') ? file : `${info}/${file}`},,\n`)
      .join(''),
  });
  return [[`pypi/${name}/${module}-${version}-py3-none-any.whl`, wheel]];
}

function nugetFiles(): Files {
  const manifest = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">',
    `  <metadata><id>${name}</id><version>${version}</version><authors>Contoso</authors>`,
    `  <description>${description}</description></metadata>`,
    '</package>',
    '',
  ].join('\n');
  const types =
    '<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
    '<Default Extension="nuspec" ContentType="application/octet"/><Default Extension="txt" ContentType="application/octet"/></Types>';
  const folder = `nuget/${name}/${version}`;
  return [
    [
      `${folder}/${name}.${version}.nupkg`,
      zip({
        '[Content_Types].xml': types,
        [`${name}.nuspec`]: manifest,
        'content/hello.txt': 'hello from the feed\n',
      }),
    ],
    [`${folder}/${name}.nuspec`, Buffer.from(manifest)],
  ];
}

function mavenFiles(): Files {
  const folder = `maven/${group.replaceAll('.', '/')}/${name}`;
  const pom = [
    '<project xmlns="http://maven.apache.org/POM/4.0.0">',
    '  <modelVersion>4.0.0</modelVersion>',
    `  <groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>`,
    '</project>',
    '',
  ].join('\n');
  const versions = `<release>${version}</release><versions><version>${version}</version></versions>`;
  const metadata = `<metadata><groupId>${group}</groupId><artifactId>${name}</artifactId><versioning>${versions}</versioning></metadata>\n`;
  return [
    [`${folder}/${version}/${name}-${version}.pom`, Buffer.from(pom)],
    [`${folder}/${version}/${name}-${version}.jar`, zip({ 'hello.txt': 'hello from the feed\n' })],
    [`${folder}/maven-metadata.xml`, Buffer.from(metadata)],
  ];
}
