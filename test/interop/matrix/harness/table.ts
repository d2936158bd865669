/** The matrix as a table, for the end of a run and for docs/interop.md. */
import type { Capability } from './capability.ts';
import { reasonAgainst } from './capability.ts';
import { DAEMONS, type DaemonName, TITLES } from './network.ts';

export interface Matrix {
  /** The first is the header. A cell that is not supported refers to a note. */
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

interface MatrixOptions {
  /** How the first cell of a row names it. */
  readonly name: (row: string, capability: Capability) => string;
  /** What came of a cell that runs. */
  readonly outcome: (row: string, daemon: DaemonName) => string;
}

export function matrixOf(rows: ReadonlyMap<string, Capability>, { name, outcome }: MatrixOptions): Matrix {
  const notes: string[] = [];
  const note = (reason: string): string => {
    if (!notes.includes(reason)) notes.push(reason);
    return `no (${notes.indexOf(reason) + 1})`;
  };
  const body = [...rows].map(([row, capability]) => [
    name(row, capability),
    ...DAEMONS.map((daemon) => {
      const reason = reasonAgainst(capability, daemon);
      return reason === undefined ? outcome(row, daemon) : note(reason);
    }),
  ]);
  return { rows: [['capability', ...DAEMONS.map((daemon) => TITLES[daemon])], ...body], notes };
}

/** The table of docs/interop.md: every cell that runs is ok, else the run fails. */
export function markdownOf(rows: ReadonlyMap<string, Capability>): string {
  const matrix = matrixOf(rows, {
    name: (row, { title }) => `[${title}](../test/interop/matrix/${row}/)`,
    outcome: () => 'ok',
  });
  const [header = [], ...body] = matrix.rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const notes = matrix.notes.map((reason, i) => `${i + 1}. ${reason}`);
  return [line(header), line(header.map(() => '---')), ...body.map(line), '', ...notes].join('\n');
}
