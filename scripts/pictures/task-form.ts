import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../paths.js';
import { readProduct } from '../product.js';
import { readTaskDefinition, type TaskInput } from '../task-definition.js';
import type { PictureTheme } from './picture-theme.js';

const COLORS: Readonly<Record<PictureTheme, string>> = {
  light: '--page: #fff; --text: #1f1f1f; --quiet: #5d5d5d; --line: #c8c8c8; --field: #fff; --accent: #005a9e',
  dark: '--page: #201f1e; --text: #fff; --quiet: #c8c6c4; --line: #605e5c; --field: #292827; --accent: #6cb8f6',
};

/** What somebody chose in the form; a field that is not named shows its default. */
const CHOSEN: Readonly<Record<string, string>> = {
  patIssuer: 'PAT issuer',
  purpose: 'Clone and fetch git repositories',
  configure: 'git, with submodules and LFS, and the author of commits',
  validFor: '30m',
};

/**
 * A drawing of the form that the pipeline editors make of a task: its groups, labels, defaults and pick lists as task.json
 * has them, in the order of task.json. The first group of inputs is open.
 */
export async function taskForm(theme: PictureTheme): Promise<string> {
  const folder = join(root, 'tasks', 'IssuePat', 'IssuePatV1');
  const task = await readTaskDefinition(folder, await readProduct());
  const icon = (await readFile(join(root, 'images', 'icon.svg'))).toString('base64');
  const plain = task.inputs.filter(({ groupName }) => groupName === undefined);
  const groups = (task.groups ?? []).map(({ name, displayName }, index) => {
    const inputs = task.inputs.filter(({ groupName }) => groupName === name);
    const open = index === 0;
    return `<h2><i class="${open ? 'open' : ''}"></i>${escaped(displayName)}</h2>${open ? inputs.map(field).join('') : ''}`;
  });
  return `<!doctype html><meta charset="utf-8"><style>
    :root { ${COLORS[theme]} }
    body { margin: 0; width: 560px; background: var(--page); color: var(--text); font: 14px/1.4 'Segoe UI', 'Liberation Sans', sans-serif; }
    .form { padding: 18px 22px 14px; border: 1px solid var(--line); border-radius: 4px; }
    header { display: flex; align-items: center; gap: 12px; margin-bottom: 4px; }
    header img { width: 32px; height: 32px; border-radius: 3px; }
    h1 { margin: 0; font-size: 18px; font-weight: 600; }
    p { margin: 6px 0 16px; color: var(--quiet); }
    label { display: block; margin: 0 0 14px; font-weight: 600; }
    label small { display: inline-block; width: 14px; height: 14px; margin-left: 6px; border: 1px solid var(--quiet); border-radius: 50%;
      font: 600 10px/14px 'Segoe UI', 'Liberation Sans', sans-serif; text-align: center; color: var(--quiet); vertical-align: 1px; }
    .value { display: flex; justify-content: space-between; align-items: center; min-height: 32px; margin-top: 4px; padding: 0 10px;
      box-sizing: border-box; border: 1px solid var(--line); border-radius: 2px; background: var(--field); font-weight: 400; }
    .value.list::after { content: ''; width: 7px; height: 7px; margin: -4px 2px 0 0; border: solid var(--quiet); border-width: 0 1.5px 1.5px 0; transform: rotate(45deg); }
    label.check { display: flex; align-items: center; gap: 8px; font-weight: 400; }
    label.check b { width: 18px; height: 18px; box-sizing: border-box; border-radius: 2px; border: 1px solid var(--line); }
    label.check b.on { border-color: var(--accent); background: var(--accent); position: relative; }
    label.check b.on::after { content: ''; position: absolute; left: 5px; top: 1px; width: 4px; height: 9px; border: solid var(--page); border-width: 0 2px 2px 0; transform: rotate(45deg); }
    label.check small { margin: 0; }
    h2 { display: flex; align-items: center; gap: 10px; margin: 16px 0 12px; font-size: 14px; font-weight: 600; }
    h2 i { width: 6px; height: 6px; border: solid currentColor; border-width: 0 2px 2px 0; transform: rotate(-45deg); }
    h2 i.open { transform: rotate(45deg); }
    footer { margin-top: 14px; padding-top: 10px; border-top: 1px solid var(--line); font-size: 12px; color: var(--quiet); }
  </style><div class="form"><header><img alt="" src="data:image/svg+xml;base64,${icon}"><h1>${escaped(task.friendlyName)}</h1></header>
  <p>${escaped(task.description)}</p>${plain.map(field).join('')}${groups.join('')}
  <footer>A drawing, made of task.json. The editor of Azure Pipelines has the same fields.</footer></div>`;
}

function field({ name, label, type, options, defaultValue = '' }: TaskInput): string {
  const title = escaped(label);
  const hint = '<small>i</small>';
  if (type === 'boolean')
    return `<label class="check"><b class="${defaultValue === 'true' ? 'on' : ''}"></b>${title}${hint}</label>`;
  const value = CHOSEN[name] ?? options?.[defaultValue] ?? defaultValue;
  const isList = options !== undefined || type.startsWith('connectedService:');
  return `<label>${title}${hint}<span class="value ${isList ? 'list' : ''}"><span>${escaped(value)}</span></span></label>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
