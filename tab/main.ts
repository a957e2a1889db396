import * as SDK from 'azure-devops-extension-sdk';
import { buildApi } from './build-api.js';
import { element } from './elements.js';
import { accessToken, onBuildShown, shownBuild } from './host.js';
import { INVENTORY_TYPE, readInventory } from './inventory.js';
import { inventoryView } from './inventory-view.js';
import { readLives } from './lives.js';
import { livesView } from './lives-view.js';
import { followTheme } from './theme.js';
import { visible } from './texts.js';

const page = document.getElementById('page') ?? document.body;
/** Counts what was shown: an answer that comes late must not replace a newer one. */
let turn = 0;

async function start(): Promise<void> {
  followTheme();
  await SDK.init({ loaded: false });
  onBuildShown(build => void refresh(build));
  await SDK.notifyLoadSucceeded();
}

/** Reads the run and shows what it has; called again whenever the run has changed. */
async function refresh(build: unknown): Promise<void> {
  const mine = ++turn;
  try {
    const { place, isOver } = await shownBuild(build);
    const api = buildApi(place, accessToken);
    const now = new Date();
    const [lives, attachments] = await Promise.all([
      readLives(api, isOver, now),
      api.attachments(INVENTORY_TYPE),
    ]);
    const inventories = attachments.map(text => readInventory(text));
    const views = [...(lives.length > 0 ? [livesView(lives, now)] : []), ...inventories.map(inventoryView)];
    if (mine === turn) show(...(views.length > 0 ? views : [nothingView(isOver)]));
  } catch (error) {
    if (mine === turn) show(problemView(error));
  }
}

function show(...views: readonly Node[]): void {
  page.replaceChildren(...views);
  page.setAttribute('aria-busy', 'false');
}

function nothingView(isOver: boolean): HTMLElement {
  return element(
    'section',
    { class: 'nothing' },
    element('h2', {}, isOver ? 'No PAT in this run' : 'No PAT yet'),
    element(
      'p',
      {},
      'Here are the PATs that IssuePat@1 issues and RevokePat@1 revokes, and what AuditPats@1 finds.',
    ),
  );
}

function problemView(error: unknown): HTMLElement {
  const reason = visible(error instanceof Error ? error.message : String(error));
  return element(
    'section',
    { class: 'nothing', role: 'alert' },
    element('h2', {}, 'The PATs of this run cannot be shown'),
    element('p', {}, reason),
    element(
      'p',
      {},
      'Reload the page. If that does not help, the logs of the steps tell the same; an administrator may have to accept the permission of the extension to read builds (vso.build).',
    ),
  );
}

start().catch((error: unknown) => {
  show(problemView(error));
  void SDK.notifyLoadSucceeded();
});
