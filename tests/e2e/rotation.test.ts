import assert from 'node:assert/strict';
import { JobControl } from '#local-agent/index';
import { fault, type Emulator } from '#emulator/index';
import { inParallel, issuesOf, logOf, mainOf, withEmulator } from './issuing-job.js';
import { projectId } from './revoking-job.js';
import {
  assertHoldsWorkingPat,
  dueRotation,
  inputsOf,
  NAME,
  places,
  rotate,
  type Place,
} from './rotating-job.js';

const WIDTH = 8;
const kinds = ['variableGroup', 'serviceConnection', 'keyVault'] as const;
const writes = {
  variableGroup: 'variablegroups.update',
  serviceConnection: 'serviceendpoint.update',
  keyVault: 'keyvault.set',
} as const;

/** A service whose time runs twenty minutes late, until a test lets it catch up. */
async function withLateService<T>(use: (emulator: Emulator, catchUp: () => void) => Promise<T>): Promise<T> {
  let late = 20 * 60_000;
  const clock = () => new Date(Date.now() - late);
  return withEmulator(
    emulator =>
      use(emulator, () => {
        late = 0;
      }),
    { clock },
  );
}

function aliveGenerations(emulator: Emulator): string[] {
  const mine = emulator.pats.active().filter(({ displayName }) => displayName.startsWith(NAME));
  return mine.map(({ authorizationId }) => authorizationId).sort();
}

describe('RotatePat', function () {
  this.timeout(120_000);

  for (const kind of kinds) {
    const place = places[kind];

    it(`replaces the PAT in a ${kind}, keeps the old one for the overlap and everything else as it was`, async () => {
      await withEmulator(async emulator => {
        const old = dueRotation(emulator, place);
        const job = await rotate(emulator, inputsOf(place, emulator));
        assert.equal(job.result, 'Succeeded', job.log);
        const pat = assertHoldsWorkingPat(emulator, place, 'after the rotation');
        assert.notEqual(pat.authorizationId, old.authorizationId);
        assert.deepEqual(aliveGenerations(emulator), [old.authorizationId, pat.authorizationId].sort());
        assert.equal(job.outputs['rotate.rotated']?.value, 'true');
        assert.equal(job.outputs['rotate.authorizationId']?.value, pat.authorizationId);

        emulator.forgetRequests();
        const again = await rotate(emulator, inputsOf(place, emulator));
        assert.equal(again.outputs['rotate.rotated']?.value, 'false');
        assert.match(again.log, /The next rotation is due \d{4}-/);
        // A key vault has a sign-in of its own, and asks for it first.
        assert.ok(emulator.requests.length <= (kind === 'keyVault' ? 6 : 3), 'sign-in, list, store');
      });
    });

    it(`that is ended at any request and run again leaves a working PAT in a ${kind}, and the one before it`, async () => {
      const requests = await requestsOf(place);
      assert.ok(requests >= 8, `only ${requests} requests`);
      const moments = Array.from({ length: requests }, (_, index) =>
        (['arrival', 'request'] as const).map(phase => ({ phase, number: index + 1 })),
      ).flat();
      await inParallel(moments, WIDTH, ({ phase, number }) => endedAt(place, phase, number));
    });

    it(`of a ${kind} whose write fails after the work, or is lost, still commits`, async () => {
      const faults = [fault.resetAfter(), failedAfterwards(500), failedAfterwards(503)];
      await inParallel(faults, WIDTH, broken =>
        withEmulator(async emulator => {
          dueRotation(emulator, place);
          emulator.faults.add(writes[kind], broken, { when: ({ body }) => body.length > 0 });
          const job = await rotate(emulator, inputsOf(place, emulator));
          assert.equal(job.result, 'Succeeded', job.log);
          assertHoldsWorkingPat(emulator, place, broken.name);
          assert.equal(aliveGenerations(emulator).length, 2);
        }),
      );
    });

    it(`that may not write to a ${kind} revokes the new PAT, changes nothing and names the role`, async () => {
      await withEmulator(async emulator => {
        const old = dueRotation(emulator, place);
        const reader = { buildService: 'reader', people: 'reader' } as const;
        if (kind === 'variableGroup') emulator.variableGroups.get('deploy').roles = reader;
        else if (kind === 'serviceConnection') emulator.connections.get('Feed').roles = reader;
        else emulator.keyVault.mayWrite = false;
        const job = await rotate(emulator, inputsOf(place, emulator));
        assert.equal(job.result, 'Failed');
        assert.match(issuesOf(mainOf(job, 'rotate')), /Administrator|Key Vault Secrets Officer/);
        assert.equal(assertHoldsWorkingPat(emulator, place, 'refused').authorizationId, old.authorizationId);
        assert.deepEqual(aliveGenerations(emulator), [old.authorizationId]);
      });
    });

    it(`twice at once ends with one recorded, working generation in a ${kind}`, async () => {
      await withLateService(async (emulator, catchUp) => {
        dueRotation(emulator, place);
        const jobs = await Promise.all([
          rotate(emulator, inputsOf(place, emulator)),
          rotate(emulator, inputsOf(place, emulator)),
        ]);
        for (const job of jobs) assert.equal(job.result, 'Succeeded', job.log);
        assertHoldsWorkingPat(emulator, place, 'two at once');
        catchUp();
        await rotate(emulator, inputsOf(place, emulator));
        assertHoldsWorkingPat(emulator, place, 'afterwards');
        assert.equal(aliveGenerations(emulator).length, 2);
      });
    });
  }

  it('finds its place in a service connection also where no secret is shown at all', async () => {
    await withEmulator(async emulator => {
      emulator.manners.confidentialRead = 'absent';
      emulator.projects.add('contoso', { id: projectId, name: 'Web' });
      emulator.connections.add({ name: 'Git', projects: [projectId], parameters: { apitoken: 'pasted' } });
      const inputs = { store: 'serviceConnection', serviceConnection: 'Git' };
      const refused = await rotate(emulator, inputs);
      assert.equal(refused.result, 'Failed', refused.log);
      assert.equal(emulator.connections.get('Git').parameters['apitoken'], 'pasted');
      const job = await rotate(emulator, { ...inputs, takeOver: 'true' });
      assert.equal(job.result, 'Succeeded', job.log);
      const { parameters } = emulator.connections.get('Git');
      assert.ok(emulator.pats.withValue(parameters['apitoken'] ?? ''));
    });
  });

  it('as the issuer writes with a PAT of its own, which is dead afterwards', async () => {
    const place = places.variableGroup;
    await withEmulator(async emulator => {
      dueRotation(emulator, place);
      emulator.variableGroups.get('deploy').roles = { buildService: 'none', people: 'administrator' };
      const job = await rotate(emulator, { ...inputsOf(place, emulator), writeAs: 'issuer' });
      assert.equal(job.result, 'Succeeded', job.log);
      assertHoldsWorkingPat(emulator, place, 'as issuer');
      const brief = emulator.pats.list().filter(({ displayName }) => displayName.includes(' job-pat:build/'));
      assert.deepEqual(
        brief.map(({ scope, state }) => ({ scope, state })),
        [{ scope: 'vso.variablegroups_manage', state: 'revoked' }],
      );
    });
  });

  it('with whatIf tells what it would do, and does nothing', async () => {
    const place = places.variableGroup;
    await withEmulator(async emulator => {
      const old = dueRotation(emulator, place);
      const job = await rotate(emulator, { ...inputsOf(place, emulator), whatIf: true });
      assert.equal(job.result, 'Succeeded');
      assert.match(logOf(mainOf(job, 'rotate')), /would rotate .*it ends in/);
      assert.deepEqual(aliveGenerations(emulator), [old.authorizationId]);
      assert.deepEqual(
        emulator.requests.filter(({ method }) => method !== 'GET').map(({ operation }) => operation),
        ['entra.token'],
      );
    });
  });
});

async function requestsOf(place: Place): Promise<number> {
  return withEmulator(async emulator => {
    dueRotation(emulator, place);
    await rotate(emulator, inputsOf(place, emulator));
    return emulator.requests.length;
  });
}

/** Ends the step by SIGKILL when a request arrives, or has been answered, and runs it again: at once, and later. */
async function endedAt(place: Place, phase: 'arrival' | 'request', number: number): Promise<void> {
  const when = `${phase} ${number}`;
  await withLateService(async (emulator, catchUp) => {
    const old = dueRotation(emulator, place);
    const control = new JobControl();
    let seen = 0;
    const stop = emulator.on(phase, () => {
      seen += 1;
      if (seen === number) control.killStep('SIGKILL');
      assertHoldsWorkingPat(emulator, place, `${when}, request ${seen}`);
    });
    const cut = await rotate(emulator, inputsOf(place, emulator), { control });
    stop();
    if (phase === 'arrival') assert.equal(mainOf(cut, 'rotate').signal, 'SIGKILL', when);
    assertHoldsWorkingPat(emulator, place, `${when}: cut`);
    const again = await rotate(emulator, inputsOf(place, emulator));
    assert.equal(again.result, 'Succeeded', `${when}: ${again.log}`);
    assertHoldsWorkingPat(emulator, place, `${when}: run again`);
    catchUp();
    const later = await rotate(emulator, inputsOf(place, emulator));
    assert.equal(later.result, 'Succeeded', later.log);
    const recorded = assertHoldsWorkingPat(emulator, place, `${when}: later`);
    assert.deepEqual(
      aliveGenerations(emulator),
      [old.authorizationId, recorded.authorizationId].sort(),
      `${when}: the recorded one and the one before it are alive`,
    );
  });
}

function failedAfterwards(status: number) {
  return fault.changed(`${status} after the work`, () => ({ status, headers: {}, body: Buffer.from('') }));
}
