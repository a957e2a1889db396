/**
 * Words that a YAML reader of version 1.1 or 1.2 takes for something else than a text; a lone exponent (`E0`) is a number
 * to some of them.
 */
const SPECIAL = /^(?:y|yes|n|no|t|f|true|false|on|off|nil|none|null|nan|inf|infinity|e[\d_.]+)$/i;
/** Starts with a letter and holds nothing that means something in YAML; a number never starts so. */
const PLAIN = /^[A-Za-z](?:[A-Za-z0-9 _./-]*[A-Za-z0-9_])?$/;

/** A text of one line as a YAML scalar that every reader takes for that very text; quoted only where it must be. */
export function yamlText(text: string): string {
  return PLAIN.test(text) && !SPECIAL.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}
