/** Name prefixes that the agent or the task library reads its own data from (agent contract: variables). */
const RESERVED_PREFIXES =
  /^(agent[._]|system[._]|build\.|release\.|endpoint|input|secret|securefile|path|task\.|vsts_|azp_)/i;

/** Variables that change how programs start, find their files or reach the network; no PAT belongs in one of them. */
const STEERING = new Set(
  `
  HOME USER USERNAME USERPROFILE USERDOMAIN LOGNAME SHELL COMSPEC OS PUBLIC SYSTEMROOT SYSTEMDRIVE WINDIR HOMEDRIVE HOMEPATH
  APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMW6432 COMMONPROGRAMFILES ALLUSERSPROFILE NUMBER_OF_PROCESSORS
  TMP TEMP TMPDIR PWD OLDPWD CDPATH FPATH IFS ENV SHELLOPTS BASHOPTS GLOBIGNORE INPUTRC HISTFILE PS0 PS1 PS2 PS3 PS4
  PROMPT PROMPT_COMMAND ZDOTDIR LANG LANGUAGE TZ TZDIR TERM TERMINFO TERMCAP DISPLAY COLUMNS LINES
  LOCPATH NLSPATH GCONV_PATH GETCONF_DIR HOSTALIASES LOCALDOMAIN RES_OPTIONS RESOLV_HOST_CONF GLIBC_TUNABLES
  CLASSPATH PSMODULEPATH MAKEFLAGS MFLAGS GNUMAKEFLAGS MAKEFILES CC CXX CPP LD AR AS NM CFLAGS CXXFLAGS CPPFLAGS LDFLAGS
  CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH COMPILER_PATH GCC_EXEC_PREFIX RUSTFLAGS RUSTDOCFLAGS RUSTC RUSTDOC
  GOFLAGS GOENV GOROOT GOPATH GOBIN GOPROXY GOPRIVATE GONOPROXY GONOSUMDB GONOSUMCHECK GOSUMDB GOINSECURE GOTOOLCHAIN
  GOTOOLDIR GOAUTH GOVCS GODEBUG GOWORK GOCACHE GOMODCACHE PHPRC PHP_INI_SCAN_DIR COMPOSER_HOME
  SSH_ASKPASS SSH_ASKPASS_REQUIRE SSH_AUTH_SOCK SSH_SK_PROVIDER EDITOR VISUAL PAGER MANPAGER BROWSER LESS LESSOPEN LESSCLOSE
  SSLKEYLOGFILE WGETRC GNUPGHOME KUBECONFIG KUBE_EDITOR DBUS_SESSION_BUS_ADDRESS NETRC
  AZURE_CONFIG_DIR AZURE_EXTENSION_DIR BUNDLE_GEMFILE BUNDLE_PATH BUNDLE_BIN BUNDLE_APP_CONFIG BUNDLE_USER_CONFIG
  BUNDLE_USER_HOME BUNDLE_USER_PLUGIN M2_HOME MAVEN_ARGS MAVEN_CONFIG MAVEN_HOME MAVEN_BASEDIR GRADLE_HOME GRADLE_USER_HOME
  TF_DATA_DIR TF_LOG TF_LOG_PATH TF_PLUGIN_CACHE_DIR TF_BUILD VIRTUAL_ENV CONDA_PREFIX CI REQUESTS_CA_BUNDLE
  `
    .trim()
    .split(/\s+/),
);

/** Families of such variables. */
const STEERING_FAMILY = new RegExp(
  '^(?:' +
    [
      'NODE|NPM_CONFIG|NPM_NODE|NPM_LIFECYCLE|YARN|PNPM|BUN|DENO|ELECTRON|COREPACK',
      'LD|DYLD|MALLOC|BASH|ZSH|KSH|SUDO|XDG|TERMINFO|LC|LESS|MAN',
      'GIT|GCM|SSH|GPG|CURL|WGET|HTTP|HTTPS|ALL|FTP|NO|SSL|OPENSSL|TLS',
      'PYTHON|PIP|UV|POETRY|PDM|CONDA|TWINE|PERL[A-Z0-9]*|RUBY[A-Z0-9]*|GEM|R|LUA|PHP',
      'JAVA|_JAVA|JDK|JVM|MAVEN|GRADLE|ANT|SBT|KOTLIN|GROOVY',
      'DOTNET|NUGET|MSBUILD|COMPLUS|CORECLR|COR|COREHOST|VSTEST|POWERSHELL|PSMODULE',
      'CARGO|RUSTC|RUSTUP|CMAKE|PKG_CONFIG|CCACHE|TF_CLI|ANSIBLE|HELM|DOCKER|BUILDKIT|COMPOSE|KUBERNETES',
      'AWS|AZURE_CORE|GOOGLE|CLOUDSDK',
    ].join('|') +
    ')_|^(?:PYTHON|PERL|RUBY|MSBUILD|LESS)[A-Z0-9]*$|_(?:OPTS|OPTIONS|PROXY|PRELOAD)$',
);

/** Words of a name that say that it holds a credential: `NODE_AUTH_TOKEN`, `AZURE_DEVOPS_EXT_PAT`, `TWINE_PASSWORD`. */
const FOR_CREDENTIALS =
  /(?:^|_)(?:PAT|PATS|TOKEN|TOKENS|AUTHTOKEN|ACCESSTOKEN|PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|AUTH|AUTHORIZATION|CREDENTIAL|CREDENTIALS|APIKEY|BASIC|BEARER|HEADER)(?:_|$)/;

/** And those that say how one is fetched, by which program or from where. */
const ABOUT_CREDENTIALS =
  /_(?:HELPER|STORE|PROVIDER|PROVIDERS|PROCESS|PLUGIN|COMMAND|CMD|TYPE|SOCK|FILE|PATH|DIR|HOME)$/;

/** Names of the outputs of IssuePat, alone or behind the name of a step: as variables they are the agent's to set. */
const OUTPUT = /(?:^|\.)(?:authorizationid|validto|patname|gitusername|gituseremail)$/i;

/**
 * Says why a name cannot be a pipeline variable with a PAT, in a job or a variable group, or nothing when it can.
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
  const seen = name.replaceAll('.', '_').toUpperCase();
  const holdsCredential = () => FOR_CREDENTIALS.test(seen) && !ABOUT_CREDENTIALS.test(seen);
  // The most expensive look comes last.
  if (STEERING.has(seen) || (!holdsCredential() && STEERING_FAMILY.test(seen))) {
    return 'would change how the programs of the job run. Example: JOB_PAT';
  }
  return undefined;
}

/** The same of a variable that the job gets: it may not be one of the outputs either. */
export function jobVariableFault(name: string): string | undefined {
  const fault = variableNameFault(name);
  if (fault !== undefined || !OUTPUT.test(name)) return fault;
  return 'is the name of an output, which is not secret. Example: JOB_PAT';
}

/** The variable of one of several organizations: `JOB_PAT` and `my-org` give `JOB_PAT_MY_ORG`. */
export function variableOfOrganization(name: string, organization: string): string {
  return `${name}_${organization.replace(/[^A-Za-z0-9]/g, '_').toUpperCase()}`;
}
