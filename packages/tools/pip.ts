import { delimiter, join } from 'node:path';
import { feedAddresses } from './addresses.js';
import {
  ANY_USER,
  namesOf,
  secretVariable,
  secretVariables,
  type ToolContext,
  type ToolSettings,
} from './tool-settings.js';
import { uvSettings } from './uv.js';

/**
 * pip and twine ask the Python module `keyring` for the password of an index. The one put in front of it answers for the
 * feeds of these organizations out of the environment, and hands every other question on to the real one, where there is
 * one. Addresses stay as they are, without a user name. uv asks no module.
 */
export function pipSettings(context: ToolContext): ToolSettings {
  const { pats, folder, environment } = context;
  const modules = join(folder, 'python');
  const before = environment['PYTHONPATH'] ?? '';
  const feeds = pats.flatMap(({ organization }) =>
    feedAddresses(organization).map(address => [
      `${address}/`.toLowerCase(),
      secretVariable('pip', organization),
    ]),
  );
  const uv = uvSettings(context);
  return {
    kind: 'ready',
    tool: 'pip',
    variables: [
      ...secretVariables('pip', pats),
      {
        name: 'PYTHONPATH',
        value: before === '' ? modules : `${modules}${delimiter}${before}`,
        isSecret: false,
      },
      // pip asks no keyring without a person (--no-input), unless one is named.
      ...(environment['PIP_KEYRING_PROVIDER'] === undefined
        ? [{ name: 'PIP_KEYRING_PROVIDER', value: 'import', isSecret: false }]
        : []),
      ...uv.variables,
    ],
    files: [{ path: join(modules, 'keyring', '__init__.py'), text: keyringModule(feeds) }],
    told: `pip and twine use the PAT for the feeds of ${namesOf(context)}${uvText(uv.names, context)}; a PYTHONPATH that a step has in its env: does not count beside this`,
  };
}

function uvText(names: readonly string[], { sources }: ToolContext): string {
  return names.length > 0
    ? `, uv for the indexes ${names.join(', ')}`
    : `, uv for none, since no pyproject.toml or uv.toml in ${sources} names an index there`;
}

/** JSON of texts is Python too. */
function keyringModule(feeds: readonly (readonly string[])[]): string {
  return `# Written by Job PAT for this job. The passwords are in the environment, not here.
import importlib
import os
import re
import sys

FEEDS = ${JSON.stringify(feeds)}

_folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_this = sys.modules.pop(__name__)
_path = list(sys.path)
sys.path[:] = [p for p in _path if os.path.abspath(p or os.curdir) != _folder]
try:
    _real = importlib.import_module("keyring")
except ImportError:
    _real = None
finally:
    sys.path[:] = _path
sys.modules[__name__] = _real or _this


class Credential(object):
    def __init__(self, username, password):
        self.username = username
        self.password = password


def _password_for(service):
    address = re.sub("^(https?://)[^/@]*@", "\\\\1", str(service)).lower().rstrip("/") + "/"
    for feed, variable in FEEDS:
        if address.startswith(feed):
            return os.environ.get(variable) or None
    return None


_ask = getattr(_real, "get_credential", None)
_ask_password = getattr(_real, "get_password", None)


def get_credential(service_name, username):
    password = _password_for(service_name)
    if password is not None:
        return Credential(username or "${ANY_USER}", password)
    return _ask(service_name, username) if _ask else None


def get_password(service_name, username):
    password = _password_for(service_name)
    if password is not None:
        return password
    return _ask_password(service_name, username) if _ask_password else None


def set_password(service_name, username, password):
    return None


if _real is not None:
    _real.get_credential = get_credential
    _real.get_password = get_password
`;
}
