/**
 * JSON for a reader or a program, on several lines, that is fit for a terminal: what steers one or cannot be seen
 * stands there escaped, as does the start of a logging command, so a parser reads the value as it is.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(
    /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]|#(?=#(?:vso)?\[)/giu,
    character =>
      Array.from({ length: character.length }, (_, index) => escaped(character.charCodeAt(index))).join(''),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
