/** Aligned columns, and lists that stay short. */
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/** Lines of a table with a heading; the last column is not padded. Cells are text of users: they are made printable here. */
export function tableOf(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
  indent = '  ',
): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = heading.map((title, column) =>
    cells.reduce((width, row) => Math.max(width, (row[column] ?? '').length), title.length),
  );
  const lineOf = (row: readonly string[]): string =>
    (indent + row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  ')).trimEnd();
  return [style('dim', lineOf(heading)), ...cells.map(lineOf)].map((line) => `${line}\n`).join('');
}

/** `a, b, c and 7 more`. */
export function shortList(items: readonly string[], limit = 4): string {
  if (items.length <= limit + 1) return items.join(', ');
  return `${items.slice(0, limit).join(', ')} and ${items.length - limit} more`;
}

/** `1 node`, `2 nodes`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
