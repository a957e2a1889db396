import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type PipelineStep, readPipeline } from '#local-agent/pipeline';
import { environmentName } from '#local-agent/step-environment';
import { replaceMacros } from '#local-agent/variables';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = join(root, 'examples');
const examples = readdirSync(folder).filter(name => name.endsWith('.yml'));
/** The pages that show pipelines. */
const pages = ['overview.md', 'README.md'].concat(
  readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name)),
);
const ours = /task: (?:IssuePat|RevokePat|RotatePat|RenewPatIssuer|AuditPats)@1/;

function jobsOf(file: string): { variables: ReadonlyMap<string, string>; steps: readonly PipelineStep[] }[] {
  return readPipeline(join(folder, file)).stages.flatMap(({ jobs }) => jobs);
}

describe('Beside a task of Job PAT every other step is restricted', () => {
  for (const file of examples) {
    it(`in ${file}`, () => {
      for (const { steps } of jobsOf(file)) for (const step of steps) assertRestricted(step);
    });
  }

  for (const page of pages) {
    it(`in the pipelines of ${page}`, () => {
      for (const [, text = ''] of readFileSync(join(root, page), 'utf8').matchAll(/```ya?ml\n([^]*?)```/g)) {
        if (!ours.test(text)) continue;
        for (const step of scriptsIn(parse(text)))
          assert.match(JSON.stringify(step.get('target')), restricted, text);
      }
    });
  }
});

const restricted = /^\{"commands":"restricted","settableVariables":(?:"none"|\["\w+"\])\}$/;

/** `checkout` and `publish` are the agent's own; what a script prints is not. */
function assertRestricted(step: PipelineStep): void {
  if (step.kind === 'task' || step.isOwn) return;
  const names = [...step.script.matchAll(/task\.setvariable variable=(\w+)/g)].map(([, name = '']) => name);
  assert.deepEqual(step.restriction, { commands: 'restricted', settableVariables: names }, step.displayName);
}

function scriptsIn(node: unknown): Map<string, unknown>[] {
  if (Array.isArray(node)) return node.flatMap(scriptsIn);
  if (typeof node !== 'object' || node === null) return [];
  const members = new Map<string, unknown>(Object.entries(node));
  const own = ['bash', 'script', 'pwsh', 'powershell'].some(kind => members.has(kind)) ? [members] : [];
  return [...own, ...[...members.values()].flatMap(scriptsIn)];
}

describe('What a step maps into its environment', () => {
  for (const file of examples) {
    it(`is not covered by a variable of the same name in ${file}`, () => {
      for (const { steps, variables } of jobsOf(file)) {
        const taken = new Set([...variables.keys()].map(name => environmentName(name)));
        for (const { env } of steps) for (const name of env.keys()) assert.ok(!taken.has(name), name);
      }
    });
  }
});

/** The hosts of Azure DevOps that a script may hand a PAT to. */
const hosts = new Set([
  'dev.azure.com',
  'pkgs.dev.azure.com',
  'contoso.visualstudio.com',
  'fabrikam.visualstudio.com',
  'contoso.pkgs.visualstudio.com',
]);

/** Stands in for `curl`, `git` and `npm`: writes down what it is asked, and does what the next line of a script needs. */
const tool = `#!/bin/sh
{ for word in "$@"; do echo "$word"; done; cat; } >> "$ASKED" 2>/dev/null
[ -z "$NPM_CONFIG_USERCONFIG" ] || cat "$NPM_CONFIG_USERCONFIG" >> "$ASKED"
case " $* " in *" clone "*) mkdir -p clone ;; esac
`;

describe('Where the organization has', () => {
  const forms = {
    'its present address': 'https://dev.azure.com/contoso/',
    'its older address': 'https://contoso.visualstudio.com/',
  };
  for (const [form, collection] of Object.entries(forms)) {
    for (const file of examples) {
      it(`${form}, ${file} sends nothing to a host that is none of Azure DevOps'`, () => {
        for (const job of jobsOf(file)) {
          for (const step of job.steps) {
            if (step.kind !== 'script' || step.isOwn || step.shell !== 'bash') continue;
            for (const host of hostsAsked(step, job.variables, collection)) assert.ok(hosts.has(host), host);
          }
        }
      });
    }
  }

  it('either, the examples that call something are found out to do so', () => {
    const [job] = jobsOf('several-organizations.yml');
    const step = job?.steps.find(({ kind }) => kind === 'script');
    assert.ok(job !== undefined && step?.kind === 'script');
    assert.deepEqual([...hostsAsked(step, job.variables, forms['its older address'])], ['dev.azure.com']);
  });
});

/** Runs a script with tools that only write down, and returns the hosts in what they were asked. */
function hostsAsked(
  step: Extract<PipelineStep, { kind: 'script' }>,
  variables: ReadonlyMap<string, string>,
  collection: string,
): Set<string> {
  const temp = mkdtempSync(join(tmpdir(), 'job-pat-example-'));
  try {
    const known = new Map([
      ...[...variables].map(([name, value]): [string, string] => [name.toLowerCase(), value]),
      ['system.collectionuri', collection],
      ['system.teamfoundationcollectionuri', collection],
      ['build.repository.uri', `${collection}Shop/_git/shop`],
      ['agent.tempdirectory', temp],
      ['build.artifactstagingdirectory', temp],
    ]);
    const expand = (text: string) => replaceMacros(text, name => known.get(name.toLowerCase()) ?? 'a-value');
    const bin = join(temp, 'bin');
    mkdirSync(bin);
    for (const name of ['curl', 'git', 'npm']) {
      writeFileSync(join(bin, name), tool);
      chmodSync(join(bin, name), 0o755);
    }
    const asked = join(temp, 'asked');
    writeFileSync(asked, '');
    const own = Object.fromEntries([...step.env].map(([name, value]) => [name, expand(value)]));
    spawnSync('bash', ['-c', expand(step.script)], {
      cwd: temp,
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, ASKED: asked, ...own },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    const texts = [readFileSync(asked, 'utf8'), ...Object.values(own)].join('\n');
    return new Set([...texts.matchAll(/(?:https?:)?\/\/([^\s/:"']+)/g)].map(([, host = '']) => host));
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}
