/** A plan as JSON and as YAML, written while it is computed: a row a line in JSON, so that `grep` and `diff` are of use. */
import { stringify } from 'yaml';
import type { Plan } from '../plan/plan.ts';
import type { Diagnostic } from './load.ts';
import type { StreamWriter } from './stream-writer.ts';
import { UNPRINTABLE } from './text/printable.ts';

/** How many rows of each kind were written. */
export interface RowCounts {
  readonly services: number;
  readonly sessions: number;
  readonly bgp: number;
  readonly layer2: number;
  readonly notAnnounced: number;
  readonly diagnostics: number;
}

/** The contract's form. */
export async function writePlanJson(
  writer: StreamWriter,
  plan: Plan,
  diagnostics: readonly Diagnostic[],
): Promise<RowCounts> {
  writer.write('{\n  "services": ');
  const services = await writeJsonArray(writer, plan.services, '  ');
  writer.write(',\n  "sessions": ');
  const sessions = await writeJsonArray(writer, plan.sessions, '  ');
  writer.write(',\n  "announcements": {\n    "bgp": ');
  const bgp = await writeJsonArray(writer, plan.bgpRows(), '    ');
  writer.write(',\n    "layer2": ');
  const layer2 = await writeJsonArray(writer, plan.layer2Rows(), '    ');
  writer.write('\n  },\n  "notAnnounced": ');
  const notAnnounced = await writeJsonArray(writer, plan.notAnnouncedRows(), '  ');
  writer.write(',\n  "diagnostics": ');
  await writeJsonArray(writer, diagnostics, '  ');
  writer.write('\n}\n');
  await writer.flush();
  return { services, sessions, bgp, layer2, notAnnounced, diagnostics: diagnostics.length };
}

/** Text of users in JSON may go to a terminal too: what a terminal obeys is escaped, which means the same to whoever parses it. */
const jsonOf = (row: unknown): string =>
  JSON.stringify(row).replace(UNPRINTABLE, (character) =>
    [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** Writes an array, one row a line; returns how many there were. Ends early where nobody reads any more. */
export async function writeJsonArray(writer: StreamWriter, rows: Iterable<unknown>, indent: string): Promise<number> {
  let count = 0;
  for (const row of rows) {
    writer.write(`${count === 0 ? '[' : ','}\n${indent}  ${jsonOf(row)}`);
    count++;
    if (writer.isFull) await writer.flush();
    if (writer.closed) break;
  }
  writer.write(count === 0 ? '[]' : `\n${indent}]`);
  return count;
}

/** The same as YAML. */
export async function writePlanYaml(
  writer: StreamWriter,
  plan: Plan,
  diagnostics: readonly Diagnostic[],
): Promise<RowCounts> {
  const services = await writeYamlList(writer, 'services', plan.services, '');
  const sessions = await writeYamlList(writer, 'sessions', plan.sessions, '');
  writer.write('announcements:\n');
  const bgp = await writeYamlList(writer, 'bgp', plan.bgpRows(), '  ');
  const layer2 = await writeYamlList(writer, 'layer2', plan.layer2Rows(), '  ');
  const notAnnounced = await writeYamlList(writer, 'notAnnounced', plan.notAnnouncedRows(), '');
  await writeYamlList(writer, 'diagnostics', diagnostics, '');
  await writer.flush();
  return { services, sessions, bgp, layer2, notAnnounced, diagnostics: diagnostics.length };
}

async function writeYamlList(
  writer: StreamWriter,
  name: string,
  rows: Iterable<unknown>,
  indent: string,
): Promise<number> {
  let count = 0;
  for (const row of rows) {
    if (count === 0) writer.write(`${indent}${name}:\n`);
    // Version 1.1 puts in quotes what older readers would take for a boolean or a number of base 60: "64512:100".
    const text = stringify([row], { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
    writer.write(text.replace(/^(?=.)/gm, `${indent}  `));
    count++;
    if (writer.isFull) await writer.flush();
    if (writer.closed) break;
  }
  if (count === 0) writer.write(`${indent}${name}: []\n`);
  return count;
}
