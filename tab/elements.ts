/** What may stand in an element: texts become text nodes, so that no text from outside is ever read as markup. */
export type Content = Node | string | undefined;

type Attributes = Readonly<Record<string, string | undefined>>;

/** Makes an element. Attributes that are undefined are left out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...content.filter(part => part !== undefined));
  return made;
}

/** A text from outside, kept apart from the direction of what is around it; the whole text on hovering. */
export function outside(text: string, className?: string): HTMLElement {
  return element('bdi', { class: className, title: text.length > 40 ? text : undefined }, text);
}

/** A moment that machines can read too. */
export function momentElement(moment: Date, text: string): HTMLElement {
  return element('time', { datetime: moment.toISOString() }, text);
}
