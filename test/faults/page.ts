/** `docs/reference/faults.md`, made of the table of faults. */
import { FAULTS, type Seen } from './faults.ts';
import type { SubjectName } from './subject.ts';

const HEAD = `# Faults of the API

What goes wrong with a Kubernetes API sooner or later, and what each process makes of it. In none of these does an address move, or a loop of writes
start; \`test/faults/\` brings each one about at the embedded API server, over its socket and in virtual time, and compares what is seen
with this page.

Of the log all names of events and operations are given, from level info on; of Kubernetes events all reasons, each behind the kind that it is about. The writes
are those to Services, at most, with the one for the Service that was made meanwhile where there is one.
`;

const SUBJECTS: readonly SubjectName[] = ['controller', 'speaker'];

const code = (names: readonly string[]): string =>
  names.length === 0
    ? '-'
    : [...names]
        .sort()
        .map((name) => `\`${name}\``)
        .join(', ');

const row = (fault: string, { log, metrics, events, serviceWrites, does }: Seen): string =>
  `| ${fault} | ${does} | ${code(log)} | ${code(metrics)} | ${code(events)} | ${serviceWrites} |`;

/** The page as it should be. */
export function faultsPage(): string {
  const parts = SUBJECTS.flatMap((subject) => {
    const rows = FAULTS.flatMap(({ fault, seen }) => {
      const of = seen[subject];
      return of === null ? [] : [row(fault, of)];
    });
    if (rows.length === 0) return [];
    const head = [
      '| fault | what it does | log | metrics | events | writes |',
      '| --- | --- | --- | --- | --- | --- |',
    ];
    return [`## The ${subject}`, '', ...head, ...rows, ''];
  });
  return `${HEAD}\n${parts.join('\n')}`;
}
