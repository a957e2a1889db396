import assert from 'node:assert/strict';
import { readIssueRequest } from '../../../tasks/IssuePat/IssuePatV1/request.js';
import { issuePat } from './issue-pat.js';
import { MemoryAgent } from './memory-agent.js';
import { agentState, failureOf, mainStage, withoutNetwork, type Step } from './world.js';

const reading = (step: Step) => () => readIssueRequest(new MemoryAgent(agentState(step)));
const scopesOf = (inputs: Record<string, string>) => reading({ inputs: { scopes: '', ...inputs } })().scopes;

describe('What the PAT is for', () => {
  withoutNetwork();

  it('stands in place of scopes', () => {
    assert.deepEqual(scopesOf({ purpose: 'gitClone' }), ['vso.code']);
    assert.deepEqual(scopesOf({ purpose: 'gitPush, packageRestore' }), ['vso.code_write', 'vso.packaging']);
  });

  it('and scopes beside it: the union counts, least scopes first', () => {
    assert.deepEqual(scopesOf({ purpose: 'gitClone', scopes: 'vso.work' }), ['vso.code', 'vso.work']);
    assert.deepEqual(scopesOf({ purpose: 'gitClone', scopes: 'Code (Read & write)' }), ['vso.code_write']);
    assert.deepEqual(scopesOf({ purpose: 'gitPush', scopes: 'vso.code' }), ['vso.code_write']);
  });

  it('or scopes have to be given', async () => {
    const { message } = await failureOf(
      reading({ inputs: { scopes: '', purpose: ' , ' } }),
      'input-not-valid',
    );
    assert.match(message, /scopes: is required unless purpose says/);
  });

  it('that nobody knows is refused with the nearest', async () => {
    const { message } = await failureOf(reading({ inputs: { scopes: '', purpose: 'gitPull' } }));
    assert.match(message, /Input purpose: "gitPull" is not a purpose\. Nearest: gitPush/);
    assert.doesNotMatch(message, /Input scopes/);
  });

  it('is told with its scopes, and with what they allow beside it', () => {
    const agent = new MemoryAgent(agentState({ inputs: { scopes: '', purpose: 'gitPush wikiRead' } }));
    readIssueRequest(agent);
    assert.match(
      agent.lines('info')[0] ?? '',
      /^purpose gitPush: vso\.code_write\. Beside it: .*branch policies/,
    );
    assert.equal(agent.lines('info')[1], 'purpose wikiRead: vso.wiki.');
  });

  it('beyond a ceiling is refused by its name, before any request', async () => {
    const world = mainStage({
      inputs: { scopes: '', purpose: 'gitPush, gitClone' },
      fields: { allowedScopes: 'vso.code' },
    });
    const { message } = await failureOf(() => issuePat(world), 'ceiling-exceeded');
    assert.match(
      message,
      /Input purpose: gitPush takes vso\.code_write, beyond allowedScopes of the service connection, which allows vso\.code\./,
    );
    assert.doesNotMatch(message, /gitClone|Input scopes/);
    assert.deepEqual(world.service.operations, []);
  });

  it('and scopes are held against the ceiling each by its own name', async () => {
    const { message } = await failureOf(
      reading({
        inputs: { purpose: 'gitPush', scopes: 'vso.code_write vso.code vso.work' },
        fields: { allowedScopes: 'vso.code' },
      }),
      'ceiling-exceeded',
    );
    assert.match(message, /Input scopes: vso\.code_write is beyond/);
    assert.match(message, /Input scopes: vso\.work is beyond/);
    assert.match(message, /Input purpose: gitPush takes/);
  });

  it('is asked of the service as its scopes', async () => {
    const world = mainStage({ inputs: { scopes: '', purpose: 'packagePublish' } });
    await issuePat(world);
    assert.equal(world.service.made[0]?.scope, 'vso.packaging_write');
  });
});
