import * as SDK from 'azure-devops-extension-sdk';
import { asObject } from '#text/json';
import { buildApi } from './build-api.js';
import { element } from './elements.js';
import { accessToken, onBuildShown, shownBuild } from './host.js';
import { readInventories, type AttachedInventories } from './attached-inventories.js';
import { readInventory } from './inventory.js';
import { inventoryView } from './inventory-view.js';
import { readLives, type LivesOfRun } from './lives.js';
import { livesView } from './lives-view.js';
import { ourSteps } from './our-tasks.js';
import { readRunRecords, type RunRecords } from './run-records.js';
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
    // Whose step wrote what is in these records: without them nothing can be believed.
    const run = await readRunRecords(api);
    const [lives, attachments] = await Promise.allSettled([
      readLives(run, api, isOver, now),
      readInventories(run, api),
    ]);
    // What cannot be read of one must not hide the other; that nothing can be read is told once.
    if (lives.status === 'rejected' && attachments.status === 'rejected') throw lives.reason;
    const found = JSON.stringify([place, isOver, lives, attachments].map(withReason));
    if (mine !== turn || found === shown) return;
    const views = [...viewsOf(lives, all => livesViews(all, now)), ...viewsOf(attachments, inventoryViews)];
    show(...(views.length > 0 ? views : [nothingView(isOver, run)]));
    shown = found;
  } catch (error) {
    if (mine === turn) show(problemView(error));
  }
}

function viewsOf<T>(read: PromiseSettledResult<T>, views: (value: T) => Node[]): Node[] {
  return read.status === 'fulfilled' ? views(read.value) : [problemView(read.reason)];
}

function livesViews({ lives, unread, ignored }: LivesOfRun, now: Date): Node[] {
  return [
    ...noteOf(
      unread,
      `${counted(unread, 'timeline')} of this run ${isAre(unread)} not read: a PAT may be missing here.`,
    ),
    ...noteOf(
      ignored,
      `${counted(ignored, 'record')} of this run ${ignored === 1 ? 'looks' : 'look'} like an event of a PAT, but no step of IssuePat@1 or RevokePat@1 wrote ${ignored === 1 ? 'it' : 'them'}: ignored.`,
    ),
    ...(lives.length > 0 ? [livesView(lives, now)] : []),
  ];
}

function inventoryViews({ contents, left, ignored }: AttachedInventories): Node[] {
  const views = contents.map((text, index) => {
    try {
      return inventoryView(readInventory(text), index);
    } catch (error) {
      return problemView(error, 'An inventory of this run cannot be shown');
    }
  });
  return [
    ...noteOf(
      ignored,
      `${counted(ignored, 'attachment')} of this run ${isAre(ignored)} called an inventory, but no step of AuditPats@1 made ${ignored === 1 ? 'it' : 'them'}: ignored.`,
    ),
    ...views,
    ...noteOf(
      left,
      `This run has ${counted(left, 'more inventory', 'more inventories')} than the tab shows.`,
    ),
  ];
}

function isAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}

/** A part must not look like the whole, and what was left out is told. */
function noteOf(count: number, text: string): Node[] {
  return count === 0 ? [] : [element('p', { class: 'advice', role: 'note' }, text)];
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

/** That nothing is here may be as it should, or a step that did not run: it is said what was read. */
function nothingView(isOver: boolean, { records }: RunRecords): HTMLElement {
  const steps = records.filter(({ type }) => type === 'Task');
  const taskOf = ourSteps(records);
  const ours = new Map<string, number>();
  for (const step of steps) {
    const task = taskOf(step);
    if (task !== undefined) ours.set(task, (ours.get(task) ?? 0) + 1);
  }
  const found = [...ours].map(([task, count]) => `${count} of ${task}@1`).join(', ');
  const told =
    ours.size === 0
      ? 'none of them is one of IssuePat@1, RevokePat@1 or AuditPats@1'
      : `among them ${found}, which told of no PAT`;
  return element(
    'section',
    { class: 'nothing' },
    element('h2', {}, isOver ? 'No PAT in this run' : 'No PAT yet'),
    element(
      'p',
      {},
      `${counted(steps.length, 'step')} of this run ${steps.length === 1 ? 'was' : 'were'} read: ${told}.`,
    ),
    element(
      'p',
      {},
      'Here are the PATs that IssuePat@1 issues and RevokePat@1 revokes, and what AuditPats@1 finds.',
    ),
  );
}

function problemView(error: unknown, title = 'The PATs of this run cannot be shown'): HTMLElement {
  const reason = visible(error instanceof Error ? error.message : String(error));
  return element(
    'section',
    { class: 'nothing', role: 'alert' },
    element('h2', {}, title),
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
