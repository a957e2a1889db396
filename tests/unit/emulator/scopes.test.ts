import assert from 'node:assert/strict';
import { covers, isPatScope } from '#emulator/scopes';

describe('scopes in the emulator', () => {
  it('include what stands below them, never what stands above', () => {
    assert.equal(covers(['vso.code_full'], 'vso.code'), true);
    assert.equal(covers(['vso.code_full'], 'vso.profile'), true);
    assert.equal(covers(['vso.environment_manage'], 'vso.agentpools'), true);
    assert.equal(covers(['vso.code'], 'vso.code_write'), false);
    assert.equal(covers(['vso.code_full'], 'vso.code_status'), false);
    assert.equal(covers([], 'vso.code'), false);
  });

  it('include everything where they mean full access', () => {
    assert.equal(covers(['app_token'], 'vso.security_manage'), true);
    assert.equal(covers(['user_impersonation'], 'vso.code_write'), true);
  });

  it('exist as the portal knows them', () => {
    assert.deepEqual(
      ['app_token', 'vso.code', 'vso.extension.data_write', 'vso.threads_full'].filter(
        name => !isPatScope(name),
      ),
      [],
    );
    assert.deepEqual(
      ['vso.pats', 'user_impersonation', 'VSO.CODE', '', 'constructor'].filter(isPatScope),
      [],
    );
  });
});
