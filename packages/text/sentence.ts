/**
 * What somebody else said, fit to be followed by more words: without the marks and blanks at its end, which the
 * sentence around it has itself.
 */
export function clause(text: string): string {
  return text.trim().replace(/(?:\s*[.:;,])+$/, '');
}

/** A text as a sentence: with one mark at its end. Empty stays empty. */
export function sentence(text: string): string {
  const said = clause(text);
  return said === '' || /[!?…]["')\]]?$/.test(said) ? said : `${said}.`;
}
