import assert from 'node:assert/strict';
import { defaultCeilings } from '../../../cli/connect/ceiling-options.js';
import { ceilingChecks } from '../../../cli/doctor/ceiling-checks.js';
import { CLOUD } from '../../../tasks/common/inputs/issuer.js';

const good = {
  allowedScopes: 'vso.code',
  maxLifetime: '4h',
  maxRotatedLifetime: '90d',
  allowedOrganizations: CLOUD.name,
};
const levels = (data: object) =>
  Object.fromEntries(ceilingChecks({ ...data }, CLOUD).map(({ name, level }) => [name, level]));
const said = (data: object) =>
  ceilingChecks({ ...data }, CLOUD)
    .map(({ text }) => text)
    .join('\n');

describe("doctor's look at the ceilings", () => {
  it('finds nothing wrong with low ones, and tells what may be rotated', () => {
    assert.deepEqual(levels(good), { ceilings: 'ok', rotation: 'ok' });
    assert.match(said(good), /up to 90d in a store/);
  });

  it('tells that a connection may not rotate, and how it would', () => {
    for (const none of ['', '0d'])
      assert.match(
        said({ ...good, maxRotatedLifetime: none }),
        /may not rotate; .*--max-rotated-lifetime 90d/,
      );
  });

  it('warns of all scopes, whether they are listed or left empty', () => {
    assert.equal(levels(defaultCeilings(CLOUD))['ceilings'], 'warn');
    assert.match(said(defaultCeilings(CLOUD)), /every scope but full access/);
    assert.equal(levels({ ...good, allowedScopes: 'app_token' })['ceilings'], 'warn');
  });

  it('warns of fields that are empty, by their names', () => {
    assert.equal(levels({ ...good, maxLifetime: '' })['empty fields'], 'warn');
    assert.match(said({}), /allowedScopes, maxLifetime, maxRotatedLifetime, allowedOrganizations are empty/);
  });

  it('calls those broken that no task can read', () => {
    for (const bad of [
      { allowedScopes: 'vso.cod' },
      { maxLifetime: 'soon' },
      { maxLifetime: '0d' },
      { maxRotatedLifetime: 'never' },
      { allowedOrganizations: 'evil.example/x' },
      { allowedOrganizations: 'fabrikam' },
    ]) {
      assert.deepEqual(levels({ ...good, ...bad }), { ceilings: 'fail' });
      assert.match(said({ ...good, ...bad }), new RegExp(Object.keys(bad)[0] ?? ''));
    }
  });
});
