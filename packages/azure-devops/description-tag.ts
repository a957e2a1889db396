/**
 * A line of a description that Job PAT keeps for itself among the text of others: `job-pat:rotated/<authorization id>`.
 * People edit descriptions, and whether a service keeps line ends is not published: a line of its own is the record,
 * else a word of its own.
 */

/** What stands behind the mark of the record; undefined when there is no record. */
export function tagIn(description: string, mark: string): string | undefined {
  return patternIn(description, mark).exec(description)?.[0].slice(mark.length);
}

/** The description with this record in place of the one it has, or as a last line. All other text stays. */
export function withTag(description: string, mark: string, value: string): string {
  const pattern = patternIn(description, mark);
  // A function, since `$` has a meaning in a replacement text.
  if (pattern.test(description)) return description.replace(pattern, () => mark + value);
  const apart = description === '' || /[\r\n]$/.test(description) ? '' : '\n';
  return description + apart + mark + value;
}

function patternIn(description: string, mark: string): RegExp {
  const record = `${mark.replace(/[^\w]/g, '\\$&')}\\S+`;
  const line = new RegExp(`(?<=^[ \\t]*)${record}(?=[ \\t]*$)`, 'm');
  return line.test(description) ? line : new RegExp(`(?<!\\S)${record}`);
}
