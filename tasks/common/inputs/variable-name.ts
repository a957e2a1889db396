/** Name prefixes that the agent or the task library reads its own data from (agent contract: variables). */
const RESERVED_PREFIXES =
  /^(agent[._]|system[._]|build\.|release\.|endpoint|input|secret|securefile|path|task\.|vsts_|azp_)/i;

/** Variables that change how programs start, find their files or reach the network. */
const STEERING = new Set(
  `
  HOME USER USERNAME USERPROFILE LOGNAME SHELL COMSPEC SYSTEMROOT WINDIR APPDATA LOCALAPPDATA PROGRAMDATA
  TMP TEMP TMPDIR PWD OLDPWD CDPATH IFS ENV BASH_ENV SHELLOPTS BASHOPTS PS4 PROMPT_COMMAND ZDOTDIR LANG LC_ALL
  NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED NODE_REPL_EXTERNAL_MODULE NODE_V8_COVERAGE
  LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH DYLD_FRAMEWORK_PATH GLIBC_TUNABLES
  PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONINSPECT PERL5LIB PERL5OPT PERL5DB RUBYLIB RUBYOPT CLASSPATH JAVA_HOME
  JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS PSMODULEPATH DOTNET_STARTUP_HOOKS DOTNET_ROOT DOTNET_ADDITIONAL_DEPS
  CORECLR_PROFILER CORECLR_PROFILER_PATH CORECLR_ENABLE_PROFILING COR_PROFILER COR_PROFILER_PATH GOFLAGS RUSTC_WRAPPER
  GIT_SSH GIT_SSH_COMMAND GIT_ASKPASS SSH_ASKPASS GIT_EXEC_PATH GIT_TEMPLATE_DIR GIT_DIR GIT_WORK_TREE GIT_EDITOR
  GIT_PAGER GIT_EXTERNAL_DIFF GIT_PROXY_COMMAND GIT_CONFIG GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_COUNT
  GIT_CONFIG_PARAMETERS GIT_SSL_NO_VERIFY GIT_SSL_CAINFO EDITOR VISUAL PAGER LESSOPEN LESSCLOSE MANPAGER
  HTTP_PROXY HTTPS_PROXY ALL_PROXY FTP_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR OPENSSL_CONF OPENSSL_MODULES
  CURL_CA_BUNDLE REQUESTS_CA_BUNDLE CURL_HOME NPM_CONFIG_USERCONFIG NPM_CONFIG_GLOBALCONFIG NPM_CONFIG_REGISTRY
  TF_BUILD
  `
    .trim()
    .split(/\s+/),
);

/**
 * Says why a name cannot be a pipeline variable set by Job PAT, or nothing when it can.
 * The name is compared as programs see it: the agent turns `.` into `_` in the environment.
 */
export function variableNameFault(name: string): string | undefined {
  if (!/^[A-Za-z_.][A-Za-z0-9_.]*$/.test(name)) {
    return 'is not a variable name: letters, digits, "_" and "." only, and no digit first. Example: JOB_PAT';
  }
  if (name.length > 128) return 'is longer than 128 characters. Example: JOB_PAT';
  if (RESERVED_PREFIXES.test(name)) {
    return 'starts with a prefix that Azure Pipelines keeps for itself. Example: JOB_PAT';
  }
  if (STEERING.has(name.replaceAll('.', '_').toUpperCase())) {
    return 'would change how the programs of the job run. Example: JOB_PAT';
  }
  return undefined;
}

/** The variable of one of several organizations: `JOB_PAT` and `my-org` give `JOB_PAT_MY_ORG`. */
export function variableOfOrganization(name: string, organization: string): string {
  return `${name}_${organization.replace(/[^A-Za-z0-9]/g, '_').toUpperCase()}`;
}
