import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { connect } from '../../../cli/commands/connect.js';
import { shellLine, shellWord } from '../../../cli/connect/shell-text.js';
import { ORGANIZATION, StandIn, type Instead } from './stand-in.js';
import { failureOf, making } from './commands-asked.js';

/** All that it takes to know whom the application has to trust. */
const place = { organization: 'contoso', project: 'Shop', name: 'PAT issuer' };
const GUID = '33333333-2222-4333-8444-555555555555';

/** Names as they may be: of every alphabet, with quotes, and with what a shell would do something with. */
const awkward = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.constantFrom(
      `it's "quoted" $(touch /tmp/x) \`id\` $HOME \\ %s !! ; & | #`,
      'Ключ №1 — 発行者 🔑',
      '##vso[task.setvariable variable=x]y',
      'a\u202Eb\u200Bc\u2066d\uFEFF',
      '-n',
      '@file',
      'END_OF_SCRIPT',
      '%s%d\\n\\',
      "'",
      '$(id)',
    ),
  )
  .map(text => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').trim())
  .filter(text => !/\p{Cs}/u.test(text) && text !== '');

/** What `sh` makes of a line. */
function words(line: string): string[] {
  const out = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  return out.split('\0').slice(0, -1);
}

describe('A word for a shell', () => {
  it('means the text and nothing else', () => {
    fc.assert(
      fc.property(fc.array(awkward, { minLength: 1, maxLength: 4 }), texts => {
        assert.deepEqual(words(shellLine(...texts)), texts);
      }),
      { numRuns: 150 },
    );
  });

  it('is one line that steers no terminal and turns no text round', () => {
    fc.assert(
      fc.property(awkward, text => {
        assert.doesNotMatch(shellWord(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##(vso)?\[/iu);
      }),
    );
  });
});

describe('The commands that make an application without a stored secret', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'job-pat-az-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const hidden: Instead = ({ url }) => (url.includes('connectionData') ? { status: 401 } : undefined);

  async function scriptFor(
    options: Partial<Parameters<typeof connect>[0]>,
    instead?: Instead,
  ): Promise<{ script: string; world: StandIn }> {
    const world = new StandIn(instead === undefined ? {} : { instead });
    assert.equal(await connect({ ...place, ...options, printAppRegistration: true }, world.effects()), 0);
    return { script: world.output, world };
  }

  /** Runs a script with an `az` that writes down its arguments, and answers ids with the line ends of Windows. */
  function run(
    script: string,
    failing = 'nothing',
  ): { status: number | null; text: string; calls: string[][] } {
    const calls = join(folder, 'calls');
    writeFileSync(calls, '');
    writeFileSync(
      join(folder, 'az'),
      `#!/bin/bash
printf '%s\\0' "$@" >>'${calls}'; if [ "\${AZURE_CONFIG_DIR-}" ]; then printf '(apart)\\0' >>'${calls}'; fi; printf '\\n\\0' >>'${calls}'
cat >/dev/null
case "$*" in *'${failing}'*) exit 1;; esac
case "$*" in
  *"value[?isDefault]"*) printf 'contoso.example\\r\\n';;
  *"query password"*) printf 'the-secret\\r\\n';;
  *query*) printf '${GUID}\\r\\n';;
esac
`,
    );
    chmodSync(join(folder, 'az'), 0o755);
    writeFileSync(join(folder, 'sleep'), '#!/bin/sh\n');
    chmodSync(join(folder, 'sleep'), 0o755);
    const done = spawnSync('sh', [], {
      input: script,
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, TMPDIR: folder },
    });
    const written = readFileSync(calls, 'utf8').split('\n\0').slice(0, -1);
    return {
      status: done.status,
      text: done.stdout + done.stderr,
      calls: written.map(line => line.split('\0').slice(0, -1)),
    };
  }

  const jsonAfter = (calls: string[][], option: string, part: string): Record<string, unknown> => {
    const call = calls.find(words => words.join(' ').includes(part)) ?? [];
    return JSON.parse(call[call.indexOf(option) + 1] ?? '') as Record<string, unknown>;
  };

  describe('with --federated', () => {
    it('make it single-tenant and confidential, grant both permissions, and trust the connection', async () => {
      const { script } = await scriptFor({ federated: true });
      const { status, text, calls } = run(script);
      assert.equal(status, 0, text);
      const lines = calls.map(call => call.join(' '));
      assert.ok(
        lines.some(line =>
          line.includes(
            'app create --display-name Job PAT issuer --sign-in-audience AzureADMyOrg --is-fallback-public-client false',
          ),
        ),
      );
      assert.ok(lines.includes(`ad app permission admin-consent --id ${GUID}`));
      const trust = jsonAfter(calls, '--parameters', 'federated-credential create');
      assert.deepEqual(
        [trust['issuer'], trust['subject'], trust['audiences']],
        [
          `https://vstoken.dev.azure.com/${ORGANIZATION}`,
          'sc://contoso/Shop/PAT issuer',
          ['api://AzureADTokenExchange'],
        ],
      );
    });

    it('ask az for the id of an organization that tells it to nobody without a credential', async () => {
      const { script, world } = await scriptFor({ federated: true }, hidden);
      assert.deepEqual(
        world.requests.map(({ headers }) => headers['authorization']),
        [undefined],
      );
      const { status, text, calls } = run(script);
      assert.equal(status, 0, text);
      assert.equal(
        jsonAfter(calls, '--parameters', 'federated-credential create')['issuer'],
        `https://vstoken.dev.azure.com/${GUID}`,
      );
      assert.ok(
        calls.some(call =>
          call.includes('https://dev.azure.com/contoso/_apis/connectionData?api-version=7.1-preview.1'),
        ),
      );
    });

    it('tell how to sign in once with a secret of one day, and how to remove it, without showing one', async () => {
      const { script } = await scriptFor({ federated: true });
      const { text, calls } = run(script);
      assert.ok(!calls.some(call => call.includes('reset')), 'no secret is made by the script itself');
      const [first = '', remove = ''] = text.split('\n').filter(line => /^(JOB_PAT|for )/.test(line));
      assert.match(first, new RegExp(`--id ${GUID} --append .*--end-date 2026-03-02T12:00:00Z `));
      writeFileSync(join(folder, 'job-pat'), '#!/bin/sh\nprintf "%s|" "$JOB_PAT_CLIENT_SECRET" "$@"\n');
      chmodSync(join(folder, 'job-pat'), 0o755);
      const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
      const signedIn = spawnSync('sh', ['-c', first], { encoding: 'utf8', env }).stdout;
      assert.equal(
        signedIn.replace('\r', ''),
        `the-secret|connect|--federated|--organization|contoso|--project|Shop|--name|PAT issuer|--client-id|${GUID}|`,
      );
      spawnSync('sh', ['-c', remove], { encoding: 'utf8', env });
      const deleted = readFileSync(join(folder, 'calls'), 'utf8').split('\n\0').at(-2)?.split('\0');
      assert.deepEqual(deleted?.slice(0, 8), [
        'ad',
        'app',
        'credential',
        'delete',
        '--id',
        GUID,
        '--key-id',
        GUID,
      ]);
    });

    it('are short for an application that is there: trust, sign-in, removal', async () => {
      const { script } = await scriptFor({ federated: true, clientId: GUID });
      const [trust = '', first = '', remove = ''] = script.split('\n').filter(line => /^[^#]/.test(line));
      assert.ok(trust.startsWith(`az ad app federated-credential create --id ${GUID} --parameters '`));
      assert.match(first, new RegExp(`job-pat connect --federated .* --client-id ${GUID}$`));
      assert.match(remove, new RegExp(`az ad app credential delete --id ${GUID}`));
      execFileSync('sh', ['-n'], { input: script });
    });

    it('survive every name of project and connection', async () => {
      await fc.assert(
        fc.asyncProperty(
          awkward,
          fc.constantFrom('Shop', "Bob's", 'Лавка 店 !%`~'),
          async (name, project) => {
            if (name.length > 256) return;
            const { script } = await scriptFor({ federated: true, name, project });
            const { status, text, calls } = run(script);
            assert.equal(status, 0, text);
            const trust = jsonAfter(calls, '--parameters', 'federated-credential create');
            assert.equal(trust['subject'], `sc://contoso/${project}/${name}`);
            const first = text.split('\n').find(line => line.startsWith('JOB_PAT')) ?? '';
            const connectAt = first.indexOf('job-pat connect');
            assert.deepEqual(words(first.slice(connectAt)).slice(3, 9), [
              ...['--organization', 'contoso', '--project', project, '--name', name],
            ]);
          },
        ),
        { numRuns: 25 },
      );
    });

    for (const failing of ['app create', 'sp create', 'admin-consent', 'federated-credential']) {
      it(`end at "az ad ${failing}" when that fails`, async () => {
        const { script } = await scriptFor({ federated: true });
        const { status, text, calls } = run(script, failing);
        assert.notEqual(status, 0);
        assert.ok(calls.at(-1)?.join(' ').includes(failing));
        assert.doesNotMatch(text, /Now sign in/);
      });
    }
  });

  describe('with --agent-user', () => {
    it('make blueprint, principal, trust, agent identity, user and consent, and remove what they needed for that', async () => {
      const { script } = await scriptFor({ agentUser: 'job-pat@contoso.example' }, hidden);
      const { status, text, calls } = run(script);
      assert.equal(status, 0, text);
      assert.equal(
        jsonAfter(calls, '--body', 'federatedIdentityCredentials')['subject'],
        'sc://contoso/Shop/PAT issuer',
      );
      const user = jsonAfter(calls, '--body', 'beta/users');
      assert.deepEqual(
        [user['@odata.type'], user['userPrincipalName'], user['mailNickname'], user['identityParentId']],
        ['microsoft.graph.agentUser', 'job-pat@contoso.example', 'job-pat', GUID],
      );
      const grant = jsonAfter(calls, '--body', 'oauth2PermissionGrants');
      assert.deepEqual([grant['consentType'], grant['scope']], ['Principal', 'vso.pats vso.pats_manage']);
      for (const made of [
        'AgentIdentityBlueprint"',
        'agentIdentityBlueprintPrincipal',
        'Microsoft.Graph.AgentIdentity',
      ])
        assert.ok(
          calls.some(call => call.join(' ').includes(made)),
          made,
        );
      assert.deepEqual(calls.at(-1), ['ad', 'app', 'delete', '--id', GUID]);
      assert.ok(!calls.some(call => call.includes('the-secret')), 'no secret is on a command line');
      assert.match(
        text,
        new RegExp(
          `--client-id ${GUID} --agent-identity ${GUID} --agent-user job-pat@contoso.example --entra-token`,
        ),
      );
      assert.match(script, /PREVIEW/);
    });

    it('sign in as it in a configuration of its own, and delete it as the person who runs them', async () => {
      const { script } = await scriptFor({ agentUser: true });
      const { calls } = run(script);
      const apart = calls.filter(call => call.at(-1) === '(apart)').map(call => call.join(' '));
      assert.ok(apart[0]?.startsWith('login --service-principal'));
      assert.ok(apart.slice(1).every(line => line.startsWith('rest --method POST')));
      assert.equal(apart.length, 7);
    });

    it("take the tenant's first domain where no name is given", async () => {
      const { script } = await scriptFor({ agentUser: true });
      const { calls, status } = run(script);
      assert.equal(status, 0);
      assert.equal(jsonAfter(calls, '--body', 'beta/users')['userPrincipalName'], 'job-pat@contoso.example');
    });

    for (const failing of ['AgentIdentityBlueprint.Create', 'login', 'v1.0/applications ', 'beta/users']) {
      it(`remove their application also when "${failing}" fails`, async () => {
        const { script } = await scriptFor({ agentUser: true });
        const { status, calls, text } = run(script, failing);
        assert.notEqual(status, 0);
        assert.deepEqual(calls.at(-1), ['ad', 'app', 'delete', '--id', GUID]);
        assert.doesNotMatch(text, /Now give the user/);
      });
    }
  });

  it('hold nothing that a bash of 3.2 does not know', async () => {
    for (const options of [{ federated: true }, { agentUser: true } as const]) {
      const { script } = await scriptFor(options, hidden);
      execFileSync('bash', ['-n'], { input: script });
      assert.doesNotMatch(script, /mapfile|readarray|declare -A|\$\{[a-z_]+(,,|\^\^|@)|&>>|\|&/);
    }
  });

  it('name every fault at once, before any request', async () => {
    const world = new StandIn();
    const wrong = { ...making, federated: true, agentUser: GUID, project: GUID, printAppRegistration: true };
    const { message } = await failureOf(connect(wrong, world.effects()));
    assert.match(message, /--federated: give either --federated or --agent-user/);
    assert.match(message, /--project: is an id here/);
    assert.match(message, /--agent-user: .* is not a UPN/);
    assert.match(message, /--client-id: leave it out/);
    const missing = await failureOf(
      connect({ name: 'PAT issuer', federated: true, printAppRegistration: true }, world.effects()),
    );
    assert.match(missing.message, /--organization: is required/);
    assert.match(missing.message, /--project: is required/);
    assert.deepEqual(world.requests, []);
  });
});
