/** How the benchmarks print: aligned tables, medians, and bounds that decide about the exit status. */

export const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export function table(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length))) ?? [];
  for (const row of rows) print(`  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

export const fixed = (value: number, digits = 1): string => value.toFixed(digits);

let missed = false;

/** A bound: printed either way, and remembered when it does not hold. */
export function demand(what: string, holds: boolean): void {
  print(`  ${holds ? 'ok  ' : 'MISS'}  ${what}`);
  if (!holds) missed = true;
}

/** Whether any bound was missed so far. */
export const boundsMissed = (): boolean => missed;
