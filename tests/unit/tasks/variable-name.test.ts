import fc from 'fast-check';
import assert from 'node:assert/strict';
import { variableNameFault, variableOfOrganization } from '../../../tasks/common/inputs/variable-name.js';
import { readIssueRequest } from '../../../tasks/IssuePat/IssuePatV1/request.js';
import { MemoryAgent } from './memory-agent.js';
import { agentState, failureOf } from './world.js';

describe('The name of a variable', () => {
  for (const name of [
    'JOB_PAT',
    'job_pat',
    '_x',
    'a',
    'A1',
    'my.pat',
    'NPM_TOKEN',
    'MY_PATH',
    'GitPat',
    'x'.repeat(128),
  ]) {
    it(`may be ${name.slice(0, 20)}`, () => {
      assert.equal(variableNameFault(name), undefined);
    });
  }

  for (const name of [
    '',
    ' ',
    '1PAT',
    'JOB-PAT',
    'JOB PAT',
    'JOB_PAT;issecret=false',
    'JOB]PAT',
    'a\nb',
    'PÄT',
    '$(X)',
    'A=B',
    'x'.repeat(129),
  ]) {
    it(`may not be ${JSON.stringify(name.slice(0, 30))}`, () => {
      assert.match(variableNameFault(name) ?? '', /Example: JOB_PAT/);
    });
  }

  for (const prefix of [
    'agent.',
    'build.',
    'system.',
    'release.',
    'endpoint',
    'input',
    'secret',
    'securefile',
    'path',
  ]) {
    it(`may not start with ${prefix}, in any case`, () => {
      for (const name of [`${prefix}x`, `${prefix.toUpperCase()}X`, `${prefix}_x`]) {
        assert.match(variableNameFault(name) ?? '', /prefix/, name);
      }
    });
  }

  for (const name of [
    'PATH',
    'Path',
    'NODE_OPTIONS',
    'node_options',
    'node.options',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'DYLD_INSERT_LIBRARIES',
    'BASH_ENV',
    'ENV',
    'IFS',
    'HOME',
    'GIT_SSH_COMMAND',
    'GIT_CONFIG_GLOBAL',
    'PYTHONSTARTUP',
    'PERL5OPT',
    'RUBYOPT',
    'JAVA_TOOL_OPTIONS',
    'DOTNET_STARTUP_HOOKS',
    'HTTPS_PROXY',
    'NODE_EXTRA_CA_CERTS',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'npm_config_registry',
    'PSModulePath',
    'TF_BUILD',
    'System.Debug',
    'SYSTEM_DEBUG',
    'Agent.ProxyUrl',
    'SECRET_X',
  ]) {
    it(`may not be ${name}, which would break the job`, () => {
      assert.notEqual(variableNameFault(name), undefined);
    });
  }

  it('is never one that could end a logging command, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), name => {
        if (variableNameFault(name) === undefined) assert.match(name, /^[A-Za-z_.][A-Za-z0-9_.]*$/);
      }),
    );
  });
});

describe('The variable of one of several organizations', () => {
  it('ends with the name of the organization in capitals, every other character as _', () => {
    assert.equal(variableOfOrganization('JOB_PAT', 'contoso'), 'JOB_PAT_CONTOSO');
    assert.equal(variableOfOrganization('pat', 'fabrikam-eu-2'), 'pat_FABRIKAM_EU_2');
  });

  const several = (inputs: Record<string, string>, allowedOrganizations: string) => () =>
    readIssueRequest(new MemoryAgent(agentState({ inputs, fields: { allowedOrganizations } })));

  it('may not be the one of another organization', async () => {
    const read = several({ organization: 'a-b, a--b, ab' }, 'a-b a--b ab');
    assert.doesNotThrow(read);
    const clash = several({ organization: 'ab', basicVariableName: 'job.pat' }, 'ab');
    assert.match((await failureOf(clash, 'input-not-valid')).message, /basicVariableName.*same variable/);
    const basic = several({ organization: 'x, y', variableName: 'PAT', basicVariableName: 'PAT_X' }, 'x y');
    assert.doesNotThrow(basic);
  });

  it('may not be one that would break the job', async () => {
    const read = several({ organization: 'contoso, options', variableName: 'NODE' }, 'contoso options');
    assert.match((await failureOf(read, 'input-not-valid')).message, /variableName: "NODE_OPTIONS"/);
  });
});
