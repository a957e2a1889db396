const KEY = Symbol.for('job-pat.secrets');

/** Every form of every secret that this process has met; one set also for a module that loads on demand, with its own copy of this one. */
const known = secretsOfProcess();

function secretsOfProcess(): Set<string> {
  const kept: unknown = Reflect.get(globalThis, KEY);
  if (kept instanceof Set) return kept as Set<string>;
  const made = new Set<string>();
  Reflect.set(globalThis, KEY, made);
  return made;
}

/** @returns false when this form was known already */
export function rememberSecret(form: string): boolean {
  if (known.has(form)) return false;
  known.add(form);
  return true;
}

/**
 * The text with `***` in place of every known secret. The agent masks whole values only, so this has to come before a
 * text is cut, also where the agent would mask it.
 */
export function redact(text: string): string {
  let shown = text;
  for (const form of known) shown = shown.replaceAll(form, '***');
  return shown;
}
