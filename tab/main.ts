import * as SDK from 'azure-devops-extension-sdk';
import { asObject } from '../tasks/common/text/json.js';
import { buildApi } from './build-api.js';
import { element } from './elements.js';
import { accessToken, onBuildShown, shownBuild } from './host.js';
import { INVENTORY_TYPE, readInventory } from './inventory.js';
import { inventoryView } from './inventory-view.js';
import { readLives, type Life } from './lives.js';
import { livesView } from './lives-view.js';
import { followTheme } from './theme.js';
import { counted, visible } from './texts.js';

const page = document.getElementById('page') ?? document.body;
/** Counts what was shown: an answer that comes late must not replace a newer one. */
let turn = 0;
/** What is shown. The host calls also when nothing has changed: then filter, order and focus stay. */
let shown = '';

async function start(): Promise<void> {
  followTheme();
  await SDK.init({ loaded: false });
  onBuildShown(build => void refresh(build));
  await SDK.notifyLoadSucceeded();
}

/** Reads the run and shows what it has; called again whenever the run may have changed. */
async function refresh(build: unknown): Promise<void> {
  const mine = ++turn;
  try {
    const { place, isOver } = await shownBuild(build);
    const api = buildApi(place, accessToken);
    const now = new Date();
    const [lives, attachments] = await Promise.allSettled([
      readLives(api, isOver, now),
      api.attachments(INVENTORY_TYPE),
    ]);
    // What cannot be read of one must not hide the other; that nothing can be read is told once.
    if (lives.status === 'rejected' && attachments.status === 'rejected') throw lives.reason;
    const found = JSON.stringify([place, isOver, lives, attachments].map(withReason));
    if (mine !== turn || found === shown) return;
    const views = [
      ...viewsOf(lives, ({ lives: all, unread }) => livesViews(all, unread, now)),
      ...viewsOf(attachments, inventoryViews),
    ];
    show(...(views.length > 0 ? views : [nothingView(isOver)]));
    shown = found;
  } catch (error) {
    if (mine === turn) show(problemView(error));
  }
}

function viewsOf<T>(read: PromiseSettledResult<T>, views: (value: T) => Node[]): Node[] {
  return read.status === 'fulfilled' ? views(read.value) : [problemView(read.reason)];
}

function livesViews(lives: readonly Life[], unread: number, now: Date): Node[] {
  const more =
    unread === 0
      ? []
      : [
          missingView(
            `${counted(unread, 'timeline')} of this run ${unread === 1 ? 'is' : 'are'} not read: a PAT may be missing here.`,
          ),
        ];
  return [...more, ...(lives.length > 0 ? [livesView(lives, now)] : [])];
}

function inventoryViews({
  contents,
  left,
}: {
  readonly contents: readonly string[];
  readonly left: number;
}): Node[] {
  const views = contents.map((text, index) => {
    try {
      return inventoryView(readInventory(text), index);
    } catch (error) {
      return problemView(error);
    }
  });
  const more =
    left === 0
      ? []
      : [
          missingView(
            `This run has ${counted(left, 'more inventory', 'more inventories')} than the tab shows.`,
          ),
        ];
  return [...views, ...more];
}

/** An error tells nothing as JSON by itself. */
function withReason(value: unknown): unknown {
  const reason = asObject(value)?.['reason'];
  return reason instanceof Error ? reason.message : value;
}

function show(...views: readonly Node[]): void {
  shown = '';
  page.replaceChildren(...views);
  page.setAttribute('aria-busy', 'false');
}

/** A part must not look like the whole. */
function missingView(text: string): HTMLElement {
  return element('p', { class: 'advice', role: 'note' }, text);
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
