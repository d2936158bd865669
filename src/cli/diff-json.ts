/** A difference between two plans as JSON, a row a line. */
import type { PlanDiff } from '../plan/diff.ts';
import type { Interruption } from '../plan/interruptions.ts';
import type { Diagnostic } from './load.ts';
import { writeJsonArray } from './plan-json.ts';
import type { StreamWriter } from './stream-writer.ts';

/** @param diagnostics - of the second input. */
export async function writeDiffJson(
  writer: StreamWriter,
  diff: PlanDiff,
  interruptions: readonly Interruption[],
  diagnostics: readonly Diagnostic[],
): Promise<void> {
  const sections: readonly (readonly [name: string, rows: Iterable<unknown>])[] = [
    ['interruptions', interruptions],
    ['addresses', diff.addresses],
    ['sessions', diff.sessions],
    ['routes', diff.routes()],
    ['layer2', diff.layer2],
    ['diagnostics', diagnostics],
  ];
  for (const [i, [name, rows]] of sections.entries()) {
    writer.write(`${i === 0 ? '{' : ','}\n  "${name}": `);
    await writeJsonArray(writer, rows, '  ');
  }
  writer.write('\n}\n');
  await writer.flush();
}
