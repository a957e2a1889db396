import { cutText, wellFormed } from './cut-text.js';
import { withoutSecrets } from './known-secrets.js';

/**
 * Makes text from outside fit to print: one line, no control characters, and nothing that the agent takes for a
 * logging command or a formatting prefix (`##vso[` anywhere in a line, `##[` at its start). A service may send back
 * the secret it was sent: that goes before the text is cut, since a part of a secret is masked by nobody.
 *
 * @param longest characters kept, the rest is replaced by an ellipsis
 */
export function outsideText(text: string, longest = 300): string {
  const line = defused(
    wellFormed(withoutSecrets(text))
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
      .trim(),
  );
  return line.length > longest ? `${cutText(line, longest)}…` : line;
}

/**
 * Makes text that may have several lines fit to print: no logging commands, and no character that steers a terminal
 * or turns the direction of reading. The last look at everything a task says.
 */
export function defused(text: string): string {
  return text.replace(/(?:(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}])+/gu, ' ').replace(/##(?=vso\[|\[)/gi, '**');
}
