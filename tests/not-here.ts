import type { Context } from 'mocha';

interface Place {
  /** Of mocha: `hook` or `test`. */
  readonly type?: string;
  readonly parent?: Place | undefined;
  /** Read by scripts/test/counting-reporter.cjs. */
  whyNot?: string | undefined;
}

/** Ends a test, or all tests of the hook's suite, that cannot run here; `npm test` counts it with the reason. */
export function notHere(context: Context, why: string): never {
  const runnable: Place = context.runnable();
  const place = runnable.type === 'hook' ? runnable.parent : runnable;
  if (place !== undefined) place.whyNot = why;
  return context.skip();
}

/** Reasons that several tests share, word for word. */
export const NO_DOCUMENTS = "Microsoft's OpenAPI documents are not on this machine (JOB_PAT_SPECS)";
export const WINDOWS = 'Windows has no such files or signals';
export const NO_OPENSSL = 'there is no openssl to make a certificate with';
export const NO_DEVELOPMENT_PACKAGE = 'the development flavour is not packed (npm run package -- --dev)';
