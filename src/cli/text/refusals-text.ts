/** What is not announced, for a reader: counted by reason, with an example or two. */
import type { NotAnnouncedRow } from '../../plan/row.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { counted } from './table.ts';

const EXAMPLES = 3;

interface Reason {
  rows: number;
  readonly services: Set<string>;
  readonly nodes: Set<string>;
  readonly examples: NotAnnouncedRow[];
}

export interface CollectedRefusals {
  readonly rows: number;
  readonly reasons: ReadonlyMap<string, Reason>;
}

/**
 * Reads all rows once, and keeps counts and examples.
 *
 * @param answered - the Services that some node answers for on layer 2: that the others do not is how it is meant, and not said.
 */
export function collectRefusals(
  rows: Iterable<NotAnnouncedRow>,
  answered: ReadonlySet<string> = new Set(),
): CollectedRefusals {
  const reasons = new Map<string, Reason>();
  let count = 0;
  for (const row of rows) {
    count++;
    if (row.reason === 'notOwner' && answered.has(row.service)) continue;
    let reason = reasons.get(row.reason);
    if (reason === undefined) {
      reason = { rows: 0, services: new Set(), nodes: new Set(), examples: [] };
      reasons.set(row.reason, reason);
    }
    reason.rows++;
    reason.services.add(row.service);
    reason.nodes.add(row.node);
    if (reason.examples.length < EXAMPLES) reason.examples.push(row);
  }
  return { rows: count, reasons };
}

export function refusalsText({ reasons }: CollectedRefusals, style: Style): string {
  const rows = [...reasons.values()].reduce((sum, reason) => sum + reason.rows, 0);
  if (rows === 0) return '';
  const text = [...reasons]
    .sort(([, a], [, b]) => b.rows - a.rows)
    .map(([name, reason]) => {
      const examples = reason.examples.map(
        ({ node, service, message }) => `    ${printable(`${service} on ${node}: ${message}`)}\n`,
      );
      const cut = reason.rows - examples.length;
      return (
        `  ${style('yellow', name)}  ${counted(reason.services.size, 'Service')} on ${counted(reason.nodes.size, 'node')}\n` +
        examples.join('') +
        (cut > 0 ? `    … and ${cut} more\n` : '')
      );
    });
  return `${style('bold', 'Not announced')}  ${counted(rows, 'time')} (Service and node)\n${text.join('')}`;
}
