import fc from 'fast-check';
import assert from 'node:assert/strict';
import {
  jobVariableFault,
  variableNameFault,
  variableOfOrganization,
} from '../../../tasks/common/inputs/variable-name.js';
import { readIssueRequest } from '../../../tasks/IssuePat/IssuePatV1/request.js';
import { issuePat } from './issue-pat.js';
import { MemoryAgent } from './memory-agent.js';
import { agentState, failureOf, mainStage, withoutNetwork } from './world.js';

describe('The name of a variable', () => {
  withoutNetwork();

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
    'GIT_PAT',
    'NODE_AUTH_TOKEN',
    'npm_config__authToken',
    'AZURE_DEVOPS_EXT_PAT',
    'VSS_NUGET_ACCESSTOKEN',
    'NUGET_PASSWORD',
    'TWINE_PASSWORD',
    'UV_INDEX_FEED_PASSWORD',
    'CARGO_REGISTRIES_FEED_TOKEN',
    'MAVEN_PASSWORD',
    'DOCKER_PASSWORD',
    'BUNDLE_PKGS__DEV__AZURE__COM',
    'TF_VAR_pat',
    'COMPOSER_AUTH',
    'JOB_PAT_OPTIONS',
    'pat_name',
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
    ...`GIT_SSH GIT_ASKPASS GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0
    GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_INDEX_FILE GIT_NAMESPACE GIT_TRACE GIT_TRACE_CURL GIT_PROXY_SSL_CERT
    GIT_ALLOW_PROTOCOL GIT_TERMINAL_PROMPT GCM_CREDENTIAL_STORE SSH_ASKPASS SSH_AUTH_SOCK LD_BIND_NOW LD_DEBUG_OUTPUT
    DYLD_FORCE_FLAT_NAMESPACE NODE_DEBUG NODE_ICU_DATA NODE_PENDING_DEPRECATION npm_config_userconfig npm_config_script_shell
    NPM_CONFIG_PREFIX YARN_RC_FILENAME PIP_INDEX_URL PIP_CONFIG_FILE UV_INDEX_URL PYTHONWARNINGS PYTHONBREAKPOINT
    PYTHON_KEYRING_BACKEND PERL5LIB PERL_MB_OPT RUBYSHELL GEM_HOME BUNDLE_GEMFILE JAVA_OPTS MAVEN_OPTS GRADLE_OPTS
    _JAVA_OPTIONS ANT_ARGS DOTNET_ROOT DOTNET_gcServer CORECLR_PROFILER_PATH_64 COMPlus_Version MSBuildSDKsPath
    NUGET_PLUGIN_PATHS NUGET_CREDENTIALPROVIDERS_PATH NUGET_PACKAGES GOPROXY GOAUTH GOFLAGS RUSTC_WRAPPER CARGO_HOME
    CARGO_REGISTRY_CREDENTIAL_PROVIDER CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS CMAKE_TOOLCHAIN_FILE MAKEFLAGS CC
    DOCKER_HOST DOCKER_CONFIG KUBECONFIG HELM_PLUGINS ANSIBLE_CONFIG TF_CLI_ARGS AZURE_CONFIG_DIR AWS_CA_BUNDLE
    CURL_CA_BUNDLE SSL_CERT_FILE SSLKEYLOGFILE OPENSSL_CONF BASH_FUNC_x PS4 PROMPT_COMMAND XDG_CONFIG_HOME http.proxy
    all_proxy MY_CUSTOM_PROXY R_PROFILE LUA_PATH PHPRC LESSOPEN PAGER EDITOR WGETRC NETRC`.split(/\s+/),
  ]) {
    it(`may not be ${name}, which would break the job`, () => {
      assert.notEqual(variableNameFault(name), undefined);
    });
  }

  for (const name of [
    'patName',
    'PATNAME',
    'authorizationId',
    'AUTHORIZATIONID',
    'validTo',
    'issue.patName',
    'x.y.ValidTo',
  ]) {
    it(`may not be ${name}, which is an output`, () => {
      assert.match(jobVariableFault(name) ?? '', /name of an output/);
    });
  }

  for (const [what, inputs] of Object.entries({
    'an output': { variableName: 'patName' },
    'an output, in the other input': { basicVariableName: 'AUTHORIZATIONID' },
    'an output, with several organizations': { variableName: 'validTo', organization: 'contoso, fabrikam' },
    'the same in both inputs': { variableName: 'PAT', basicVariableName: 'pat' },
  } satisfies Record<string, Record<string, string>>)) {
    it(`that is ${what} is refused before any request`, async () => {
      const world = mainStage({ inputs, fields: { allowedOrganizations: 'contoso fabrikam' } });
      await failureOf(() => issuePat(world), 'input-not-valid');
      assert.deepEqual(world.service.operations, []);
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

  it('may be those of fifty organizations, and not of more', async () => {
    const names = Array.from({ length: 51 }, (_, index) => `org-${index}`);
    const asked = (count: number) =>
      several({ organization: names.slice(0, count).join('\n') }, names.join(' '));
    assert.doesNotThrow(asked(50));
    assert.match(
      (await failureOf(asked(51), 'input-not-valid')).message,
      /organization: names 51 organizations; 50/,
    );
  });

  it('may not be one that would break the job', async () => {
    const read = several({ organization: 'contoso, options', variableName: 'NODE' }, 'contoso options');
    assert.match((await failureOf(read, 'input-not-valid')).message, /variableName: "NODE_OPTIONS"/);
  });
});
