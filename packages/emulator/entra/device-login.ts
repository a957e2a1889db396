import { mediaTypeOf, queryOf, type Call } from '../http/call.js';
import { textReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import type { DeviceCode, DeviceCodes } from './device-codes.js';
import type { Directory } from './directory.js';
import type { User } from './principals.js';

/**
 * `/devicelogin`: the page on which a person types the code, sees what wants to sign in, and approves or declines. It
 * asks for no password: the emulator's users have none.
 */
export function deviceLoginRoutes(directory: Directory, codes: DeviceCodes): Route[] {
  const route = { operation: 'entra.devicePage', path: '/devicelogin' } as const;
  return [
    { ...route, method: 'GET', handle: call => askForCode(queryOf(call, 'code') ?? '') },
    { ...route, method: 'POST', handle: call => next(call, directory, codes) },
  ];
}

function next(call: Call, directory: Directory, codes: DeviceCodes): Reply {
  const form = new URLSearchParams(
    mediaTypeOf(call) === 'application/x-www-form-urlencoded' ? call.body.toString('utf8') : '',
  );
  const typed = form.get('code') ?? '';
  const code = codes.waiting(typed);
  if (!code) return askForCode(typed, 'That code did not work. Check it and try again.');
  const user = directory.users.find(({ id }) => id === form.get('user'));
  switch (form.get('decision')) {
    case 'approve':
      if (!user) return askForDecision(code, directory.users);
      codes.approve(user, typed);
      return page('You have signed in', `<p>You may close this window and go back to your device.</p>`);
    case 'decline':
      codes.decline(typed);
      return page('Sign-in cancelled', `<p>Nothing was signed in. You may close this window.</p>`);
    default:
      return askForDecision(code, directory.users);
  }
}

function askForCode(typed: string, problem = ''): Reply {
  return page(
    'Enter code',
    `${problem === '' ? '<p>Type the code that your device shows.</p>' : `<p class="problem" role="alert">${problem}</p>`}
    <form method="post">
      <label for="code">Code</label>
      <input id="code" name="code" value="${escaped(typed)}" maxlength="20" autocomplete="off" autofocus required>
      <div class="buttons"><button class="primary">Next</button></div>
    </form>`,
  );
}

function askForDecision(code: DeviceCode, users: readonly User[]): Reply {
  const options = users
    .map(
      ({ id, displayName, principalName }, index) =>
        `<label class="user"><input type="radio" name="user" value="${escaped(id)}"${index === 0 ? ' checked' : ''}>
        <span><b>${escaped(displayName)}</b><br>${escaped(principalName)}</span></label>`,
    )
    .join('\n');
  const permissions = code.scope
    .split(' ')
    .map(scope => `<li>${escaped(scope.slice(scope.lastIndexOf('/') + 1))}</li>`)
    .join('');
  return page(
    'Are you trying to sign in?',
    `<p>The application <code>${escaped(code.clientId)}</code> asks for:</p>
    <ul>${permissions}</ul>
    <form method="post">
      <input type="hidden" name="code" value="${escaped(code.userCode)}">
      <fieldset><legend>Sign in as</legend>${options}</fieldset>
      <div class="buttons">
        <button name="decision" value="decline">Cancel</button>
        <button class="primary" name="decision" value="approve">Continue</button>
      </div>
    </form>`,
  );
}

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#eef1f5, #16181c); }
  main { box-sizing: border-box; width: min(27rem, 100vw); padding: 2.25rem; border-radius: .5rem;
    background: light-dark(#fff, #22252b); box-shadow: 0 .25rem 1.5rem #0003; }
  h1 { margin: 0 0 .75rem; font-size: 1.4rem; font-weight: 600; }
  small { color: light-dark(#5b6470, #a3acb8); }
  input#code { box-sizing: border-box; width: 100%; margin-top: .25rem; padding: .5rem .75rem; font: 1.3rem ui-monospace, monospace;
    letter-spacing: .12em; text-transform: uppercase; border: 1px solid #8a94a0; border-radius: .25rem; }
  fieldset { border: 0; padding: 0; margin: 1rem 0 0; }
  .user { display: flex; gap: .75rem; align-items: center; padding: .5rem .25rem; }
  .buttons { display: flex; justify-content: end; gap: .5rem; margin-top: 1.5rem; }
  button { padding: .5rem 1.5rem; font: inherit; border: 0; border-radius: .25rem; background: light-dark(#e3e7ec, #3a3f47); color: inherit; cursor: pointer; }
  button.primary { background: #0f6cbd; color: #fff; }
  .problem { color: light-dark(#b10e1c, #ff8a8f); }
  ul { margin: .25rem 0; padding-left: 1.25rem; }
`;

function page(title: string, content: string): Reply {
  return textReply(
    200,
    'text/html; charset=utf-8',
    `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
<p><small>Emulator of Microsoft Entra on this machine: any user, no password.</small></p>
</main>
</body>
</html>
`,
    {
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    },
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
