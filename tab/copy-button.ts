import { element } from './elements.js';

/** A button that copies a text, and what it says when it has. */
export function copyButton(label: string, text: string): HTMLElement {
  const said = element('span', { role: 'status', class: 'quiet' });
  const button = element('button', { type: 'button', class: 'plain small' }, label);
  const place = element('span', { class: 'copy' }, button, said);
  button.addEventListener('click', () => {
    copied(text).then(
      () => {
        said.textContent = 'Copied';
      },
      () => {
        showToCopy(place, text);
      },
    );
  });
  return place;
}

/**
 * The older way first: it asks for a gesture alone, while a host has to let a page in a frame use the newer one.
 * @throws when nothing may copy
 */
async function copied(text: string): Promise<void> {
  const before = document.activeElement;
  const field = fieldWith(text);
  document.body.append(field);
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way in a frame without that permission
  const done = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  if (!done) await navigator.clipboard.writeText(text);
}

/** Where nothing may copy, a person still can. */
function showToCopy(place: HTMLElement, text: string): void {
  const field = fieldWith(text);
  place.replaceChildren(field);
  field.focus();
  field.select();
}

function fieldWith(text: string): HTMLTextAreaElement {
  const field = element('textarea', { readonly: '', rows: '8', 'aria-label': 'Text to copy' });
  field.value = text;
  return field;
}
