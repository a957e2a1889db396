import { copyButton } from './copy-button.js';
import { element } from './elements.js';
import { revokeStep, tokenPage, type PatToRevoke } from './revoke-step.js';

/** What a person can do about a PAT: copy its id or a step that revokes it, or go where its user revokes it. */
export function patActions(pat: PatToRevoke, isAlive: boolean): HTMLElement {
  const page = isAlive ? tokenPage(pat.organization) : undefined;
  return element(
    'div',
    { class: 'actions' },
    copyButton('Copy the id', pat.authorizationId),
    isAlive ? copyButton('Copy a RevokePat step', revokeStep(pat)) : undefined,
    page === undefined
      ? undefined
      : element(
          'span',
          {},
          element(
            'a',
            { href: page, target: '_blank', rel: 'noopener noreferrer' },
            pat.user === undefined ? 'Token page of the issuing user' : 'Token page of its user',
          ),
          element('span', { class: 'quiet' }, ' (signed in as that user)'),
        ),
  );
}
