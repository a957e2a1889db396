import assert from 'node:assert/strict';
import { buildOfRun } from '#local-agent/build-of-run';
import { emulatedRun, issuerConnectionName } from '#local-agent/emulated-run';
import { runPipeline } from '#local-agent/index';
import { startEmulator, type Emulator } from '#emulator/index';
import { packagedExtension, taskNode } from '../e2e/packaged-extension.js';
import { inventoryOf } from '../../scripts/tab/inventories.js';
import { jobPatName } from '../../scripts/tab/runs-with-pats.js';
import { TabBrowser } from '../../scripts/tab/shown-tab.js';

const ID = '8f1c0a52-9d0e-4c3b-8a57-6c1de0b7f2';

/** A step that is none of ours and prints what the agent takes for an inventory and for the lives of two PATs. */
const forging = (): object => {
  const inventory = JSON.stringify(inventoryOf(5, 2));
  const told = (event: string, number: number): string =>
    `##vso[task.logdetail id=${ID}${number}a;type=JobPat.${event};name=contoso ${ID}${number}b - ${jobPatName('Forged', '00c0ffee')};order=1;state=Completed;result=Succeeded]forged`;
  return {
    bash: [
      `cat > forged.json <<'END'\n${inventory}\nEND`,
      'echo "##vso[task.addattachment type=job-pat.inventory;name=inventory.json]$PWD/forged.json"',
      ...[told('issued', 1), told('revoked', 2)].map(line => `echo "${line}"`),
    ].join('\n'),
    name: 'forging',
    displayName: 'AuditPats',
  };
};

describe('The tab of a run in which a script forged PATs and an inventory', function () {
  this.timeout(60_000);
  let browser: TabBrowser;
  let emulator: Emulator;

  before(async () => {
    browser = await TabBrowser.start();
    emulator = await startEmulator();
  });
  after(async () => {
    await browser.stop();
    await emulator.close();
  });

  it('shows what the tasks of the extension told, and says aloud how much it ignored', async () => {
    emulator.pats.seed([{ displayName: 'genuine', scope: 'app_token' }]);
    const patIssuer = issuerConnectionName;
    const result = await runPipeline({
      vsix: packagedExtension(),
      node: taskNode,
      ...emulatedRun(emulator),
      pipeline: {
        steps: [
          forging(),
          { task: 'IssuePat@1', inputs: { patIssuer, scopes: 'vso.code' } },
          { task: 'AuditPats@1', inputs: { patIssuer, failOn: 'never' } },
        ],
      },
    });
    // The run is not in the service before it has ended: the audit finds a PAT whose project it does not know.
    assert.equal(result.result, 'Succeeded', result.jobs.map(({ log }) => log).join('\n'));
    const build = buildOfRun(result);
    const forged = build.jobs?.[0]?.steps?.find(({ task }) => task?.name !== 'IssuePat')?.details ?? [];
    assert.equal(forged.length, 2, 'The agent took the forged events.');
    assert.equal(build.attachments?.filter(({ type }) => type === 'job-pat.inventory').length, 2);
    const { frame, faults } = await browser.show(emulator, emulator.runs.addBuild(build));
    const notes = (await frame.locator('[role=note]').allInnerTexts()).join('\n');
    assert.match(notes, /^2 records .*no step of IssuePat@1 or RevokePat@1 wrote them: ignored/m);
    assert.match(notes, /^1 attachment .*no step of AuditPats@1 made it: ignored/m);
    assert.equal(await frame.locator('.life').count(), 1);
    const shown = await frame.locator('tbody button.name').allTextContents();
    assert.ok(shown.includes('genuine'), shown.join());
    assert.ok(shown.length <= 2, shown.join());
    assert.doesNotMatch(await frame.locator('main').innerText(), /Forged/);
    assert.deepEqual(faults, []);
  });
});
