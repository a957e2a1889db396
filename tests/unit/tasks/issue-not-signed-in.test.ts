import assert from 'node:assert/strict';
import type { FailureTopic } from '#advice/failure';
import { emptyUnauthorized, flood, json, redirect, signInPage, throttled, type Answer } from './answers.js';
import { issuePat } from './issue-pat.js';
import { failureOf, mainStage, withoutNetwork } from './world.js';

describe('Something else than an answer of the PAT API', () => {
  withoutNetwork();

  const answers: readonly (readonly [string, Answer, FailureTopic])[] = [
    ['203 with a sign-in page', signInPage(203), 'sign-in-page'],
    ['200 with a web page', signInPage(200), 'sign-in-page'],
    ['203 with JSON', () => json(203, {}), 'sign-in-page'],
    ['an empty 401', emptyUnauthorized, 'sign-in-page'],
    ['401 with a web page', signInPage(401), 'sign-in-page'],
    ['302 to the sign-in', redirect, 'redirect-refused'],
    [
      '307',
      usual => ({ ...usual(), status: 307, headers: { location: 'https://evil.example/' } }),
      'redirect-refused',
    ],
    ['404 with a web page', signInPage(404), 'organization-not-found'],
  ];
  for (const [name, answer, topic] of answers) {
    it(`${name} fails as ${topic}, without a second request or a PAT`, async () => {
      const world = mainStage();
      world.service.next('create', answer);
      const failure = await failureOf(() => issuePat(world), topic);
      assert.match(failure.message, /vssps\.dev\.azure\.com/);
      assert.ok(failure.repair.length > 20, 'says what to do');
      assert.equal(world.service.count('create'), 1);
      assert.equal(world.service.count('verify'), 0);
      assert.deepEqual(world.agent.secretVariables, {});
    });
  }

  it('a web page is known by its text where the content type says otherwise', async () => {
    const world = mainStage();
    world.service.next('create', () => ({
      status: 200,
      body: '\r\n<!DOCTYPE html><html></html>',
      headers: { 'content-type': 'application/json' },
    }));
    await failureOf(() => issuePat(world), 'sign-in-page');
  });

  it('20 MB are not read; a PAT of that name is looked for', async () => {
    const world = mainStage();
    world.service.next('create', flood);
    await failureOf(() => issuePat(world), 'answer-too-large');
    assert.equal(world.service.count('create'), 1);
    assert.ok(world.service.count('list') >= 1);
  });
});

describe('A throttled create request', () => {
  withoutNetwork();

  it('waits as long as Retry-After says, and makes one PAT', async () => {
    const world = mainStage();
    world.service.next('create', throttled(12));
    await issuePat(world);
    assert.deepEqual(world.clock.waits, [12_000]);
    assert.equal(world.service.made.length, 1);
    assert.equal(world.service.count('list'), 0);
  });

  it('understands Retry-After as an HTTP date', async () => {
    const world = mainStage();
    world.service.next('create', throttled('Sun, 01 Mar 2026 10:00:20 GMT'));
    await issuePat(world);
    assert.deepEqual(world.clock.waits, [20_000]);
  });

  it('waits a second of its own accord where nothing says how long', async () => {
    const world = mainStage();
    world.service.next('create', throttled(''));
    await issuePat(world);
    assert.deepEqual(world.clock.waits, [1000]);
  });

  it('does not wait longer than a minute: it fails and says why', async () => {
    const world = mainStage();
    world.service.next('create', throttled(300));
    const failure = await failureOf(() => issuePat(world), 'service-throttled');
    assert.match(failure.message, /429.*TF400733/);
    assert.deepEqual(world.clock.waits, []);
    assert.equal(world.agent.taskVariable('JobPat.Record'), '[]');
  });

  it('gives up when a further wait would leave nothing of its minute', async () => {
    const world = mainStage();
    world.service.always('create', throttled(10));
    await failureOf(() => issuePat(world), 'service-throttled');
    assert.equal(
      world.clock.waits.reduce((sum, wait) => sum + wait, 0),
      50_000,
    );
    assert.equal(world.service.alive.size, 0);
  });
});
