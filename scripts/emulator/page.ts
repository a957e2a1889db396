import type { Emulator } from '#emulator/index';
import { textReply, type Reply } from '#emulator/http/reply';
import { examplesIn } from '../agent/example-list.js';
import { root } from '../paths.js';
import { commandsFor, type Command } from './commands.js';
import type { ProvingJob } from './proof.js';

const CSS = `
:root { color-scheme: light dark; --line: #8884; --quiet: #777; --accent: #0a66c2; }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; --accent: #6cb4ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 56rem; font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 .25rem; font-size: 1.6rem; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.15rem; }
p { margin: .25rem 0 .75rem; }
.quiet { color: var(--quiet); }
a { color: var(--accent); }
pre { margin: 0 0 1rem; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .5rem; overflow-x: auto; }
code, pre { font: 13px/1.5 ui-monospace, Consolas, monospace; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; }
td code { overflow-wrap: anywhere; }
summary { cursor: pointer; }
`;

/** What stands at the root of an emulator, for a person: the commands that use it, its places and its routes. */
export function frontPage(emulator: Emulator, organizations: readonly string[], job?: ProvingJob): Reply {
  const [first = ''] = organizations;
  const { url, entra } = emulator;
  const places = [
    ...organizations.map(name => ['Organization', emulator.organizationUrl(name)] as const),
    ['Git repository', emulator.gitUrl(first)] as const,
    ['npm registry', emulator.npmRegistryUrl(first)] as const,
    ['Device sign-in', `${url}/devicelogin`] as const,
    ['OpenID configuration', `${url}/${entra.tenantId}/v2.0/.well-known/openid-configuration`] as const,
  ];
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Azure DevOps and Entra on this machine</title>
<style>${CSS}</style>
<h1>Azure DevOps and Entra on this machine</h1>
<p class="quiet">A stand-in at <code>${text(url)}</code>. Everything is forgotten when it ends.</p>

<h2 id="commands">Three commands to try</h2>
${commandsFor(emulator, first, 'bash', job).map(shown).join('\n')}
<details>
<summary>The same in PowerShell</summary>
${commandsFor(emulator, first, 'powershell', job).map(shown).join('\n')}
</details>

<h2 id="examples">Examples that run here</h2>
<p>Each with <code>npm run agent -- examples/NAME.yml --emulator ${text(url)}</code></p>
<table>
${examplesIn(`${root}/examples`)
  .map(({ file, shows }) => row([code(file), text(shows)]))
  .join('\n')}
</table>

<h2 id="places">Places</h2>
<table>
${places.map(([name, address]) => row([text(name), `<a href="${text(address)}">${code(address)}</a>`])).join('\n')}
${row(['Issuing user', `${text(entra.user.displayName)}, ${text(entra.user.principalName)}`])}
${row(['Tenant id', code(entra.tenantId)])}
${row(['Client id', code(entra.clientId)])}
</table>

<h2 id="routes">Routes</h2>
<p class="quiet">A link opens what needs no parameter but the organization. Without a credential Azure DevOps shows its
sign-in page. Beside these it speaks the protocols of git, npm, pip, NuGet and Maven.</p>
<table>
<tr><th>Methods</th><th>Path</th><th>Operations</th></tr>
${routesOf(emulator, first)
  .map(cells => row(cells))
  .join('\n')}
</table>
</html>
`;
  return textReply(200, 'text/html; charset=utf-8', html, {
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  });
}

/** A row for each path with all its methods; what package managers and git ask for is theirs. */
function routesOf({ routes, entra }: Emulator, organization: string): string[][] {
  const listed = routes.filter(
    ({ operation, method }) => !/^(page$|packages|git\.)/.test(operation) && method !== 'OPTIONS',
  );
  return [...new Set(listed.map(({ path }) => path))].map(path => {
    const here = listed.filter(route => route.path === path);
    const methods = [...new Set(here.map(({ method }) => method))];
    const operations = [...new Set(here.map(({ operation }) => operation))];
    const address = path
      .replace('{organization}', organization)
      .replace('{project}', 'sample')
      .replace('{tenant}', entra.tenantId);
    const opens = methods.includes('GET') && !address.includes('{');
    const shownPath = opens ? `<a href="${text(address)}">${code(path)}</a>` : code(path);
    return [text(methods.join(' ')), shownPath, text(operations.join(', '))];
  });
}

function shown({ brings, text: command }: Command): string {
  return `<p>${text(brings)}</p>\n<pre>${text(command)}</pre>`;
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`;
}

function code(value: string): string {
  return `<code>${text(value)}</code>`;
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function text(value: string): string {
  return value.replace(/[&<>"]/g, letter => escapes[letter] ?? letter);
}
