import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/**
 * Leaves the wording of messages alone: a text with a blank between its words. Codes, names on the wire and inputs have no
 * blanks, and are changed. Tests compare a message where the words count; all of them, letter by letter, would only be
 * every sentence a second time.
 */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'wording', {
    shouldIgnore: path => (isWording(path) ? 'the wording of a message' : undefined),
  }),
];

function isWording(path) {
  if (path.isStringLiteral()) return WORDS.test(path.node.value);
  return path.isTemplateLiteral() && path.node.quasis.some(({ value }) => WORDS.test(value.raw));
}

const WORDS = /[a-z),."]\s+[a-z("]|^\s*[a-z]+\s|\s[a-z]+\s*$/i;
