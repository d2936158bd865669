/** What is not announced, for a reader: counted by reason, with an example or two. */
import type { ServiceRefusal } from '../../plan/node-plan.ts';
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

/** Reads all rows, and keeps counts and examples. */
export class RefusalCollector implements CollectedRefusals {
  readonly reasons = new Map<string, Reason>();
  rows = 0;
  readonly #answered: ReadonlySet<string>;

  /** @param answered - the Services that some node answers for on layer 2: that the others do not is how it is meant, and not said. */
  constructor(answered: ReadonlySet<string> = new Set()) {
    this.#answered = answered;
  }

  add(node: string, protocol: NotAnnouncedRow['protocol'], { service, reason: name, message }: ServiceRefusal): void {
    this.rows++;
    if (name === 'notOwner' && this.#answered.has(service)) return;
    let reason = this.reasons.get(name);
    if (reason === undefined) {
      reason = { rows: 0, services: new Set(), nodes: new Set(), examples: [] };
      this.reasons.set(name, reason);
    }
    reason.rows++;
    reason.services.add(service);
    reason.nodes.add(node);
    if (reason.examples.length < EXAMPLES) reason.examples.push({ node, service, protocol, reason: name, message });
  }
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
