/** Markdown that says what it was given: texts of users are escaped, and a table's cells stay in their table. */

/** Characters that Markdown gives a meaning to. */
const MEANT = /[\\`*_{}[\]<>#|~!$]/g;

/** What ends a line, and what a terminal or a browser would obey instead of showing it. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** A text of a user inside of a sentence or a cell. */
export const escaped = (text: string): string =>
  text
    .replace(CONTROL, (c) => `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`)
    .replace(MEANT, '\\$&');

/** Heading and rows; nothing where there are no rows. Cells are Markdown. */
export function tableOf(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => (cell === '' ? ' ' : cell)).join(' | ')} |\n`;
  return lineOf(heading) + lineOf(heading.map(() => '---')) + rows.map(lineOf).join('');
}

/** A section with its heading; left out where it has nothing to say. */
export const sectionOf = (title: string, ...paragraphs: readonly string[]): string => {
  const said = paragraphs.filter((paragraph) => paragraph !== '');
  return said.length === 0 ? '' : `## ${title}\n\n${said.map((paragraph) => paragraph.trimEnd()).join('\n\n')}\n`;
};

/** `a, b and c`, each escaped. */
export function namesOf(names: readonly string[]): string {
  const all = names.map(escaped);
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
