import type { Build, Emulator } from '#emulator/index';
import { auditRun, inventoryOf } from '../tab/inventories.js';
import { jobPatName, RunWithPats } from '../tab/runs-with-pats.js';

/** A run of a job that was issued one PAT, revoked when it ended: what Job PAT is. */
export function lifeScene(emulator: Emulator): Build {
  const pat = {
    name: jobPatName('Nightly mirror', '00c0ffee'),
    authorizationId: '8f1c0a52-9d0e-4c3b-8a57-6c1de0b7f201',
    validFor: 3_600,
  };
  return new RunWithPats(emulator)
    .step(
      'Issue a PAT',
      'issue',
      pat,
      { event: 'issued', after: 5, detail: 'vso.code' },
      { event: 'exposed', after: 6, detail: '$(JOB_PAT)' },
    )
    .step('Post-job: Issue a PAT', 'issue', pat, { event: 'revoked', after: 412 })
    .add();
}

/** A run of a job that was issued two PATs, both revoked when it ended. */
export function livesScene(emulator: Emulator): Build {
  const pat = (label: string, nonce: string, id: string, validFor: number) => ({
    name: jobPatName(label, nonce),
    authorizationId: `8f1c0a52-9d0e-4c3b-8a57-6c1de0b7f${id}`,
    validFor,
  });
  const mirror = pat('Nightly mirror', '00c0ffee', '201', 3_600);
  const feed = pat('Publish packages', '5ca1ab1e', '202', 1_800);
  return new RunWithPats(emulator)
    .step(
      'Issue a PAT to clone',
      'issue',
      mirror,
      { event: 'issued', after: 5, detail: 'vso.code' },
      { event: 'exposed', after: 6, detail: '$(JOB_PAT)' },
    )
    .step(
      'Issue a PAT for the feed',
      'issue',
      feed,
      { event: 'issued', after: 40, detail: 'vso.packaging_write' },
      { event: 'exposed', after: 41, detail: '$(FEED_PAT)' },
    )
    .step('Post-job: Issue a PAT for the feed', 'issue', feed, { event: 'revoked', after: 410 })
    .step('Post-job: Issue a PAT to clone', 'issue', mirror, { event: 'revoked', after: 412 })
    .add();
}

/** A run of an audit of two organizations. */
export function auditScene(emulator: Emulator): Build {
  return auditRun(emulator, inventoryOf(428, 61));
}
