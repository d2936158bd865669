/** `metallb plan --diff BEFORE AFTER [INPUT…]`: what would change, and what of it would interrupt traffic. */
import { lint } from '../lint/lint.ts';
import { diffPlans, withAddressesOf } from '../plan/diff.ts';
import { interruptionsOf } from '../plan/interruptions.ts';
import { plan } from '../plan/plan.ts';
import type { PlanOptions } from '../plan/snapshot.ts';
import { writeDiffJson } from './diff-json.ts';
import { CannotRunError, type Io } from './io.ts';
import { type Diagnostic, load } from './load.ts';
import { StreamWriter } from './stream-writer.ts';
import { diffText } from './text/diff-text.ts';
import { styleFor } from './text/style.ts';

/**
 * Compares the first two inputs and writes the result; the further inputs belong to both.
 *
 * The second one is what the processes would make of it that run with the first: a Service keeps the address that it has, and an object that
 * has turned faulty its last good version.
 *
 * @returns what is wrong with the second input.
 * @throws {CannotRunError} where the inputs are not two, or cannot be read.
 */
export async function compared(
  inputs: readonly string[],
  form: 'text' | 'json' | 'yaml',
  options: PlanOptions,
  io: Io,
): Promise<readonly Diagnostic[]> {
  if (form === 'yaml') throw new CannotRunError('--diff has the forms text and json');
  const [before, after, ...both] = inputs;
  if (before === undefined || after === undefined)
    throw new CannotRunError('--diff compares two inputs: metallb plan --diff BEFORE AFTER [INPUT…]');
  if (both.includes('-')) throw new CannotRunError('--diff: standard input (-) can be BEFORE or AFTER, not both');
  if (before === '-' && after === '-') throw new CannotRunError('standard input (-) is given twice');
  const old = await load([before, ...both], options, io);
  const now = await load([after, ...both], options, io, old.snapshot);
  const was = plan(old.snapshot, options);
  const is = plan(withAddressesOf(was, now.snapshot), options);
  const diagnostics = now.locate(lint(is, now.objects));
  const diff = diffPlans(was, is);
  const interruptions = interruptionsOf(diff, was, is);
  const writer = new StreamWriter(io.stdout);
  if (form === 'json') await writeDiffJson(writer, diff, interruptions, diagnostics);
  else writer.write(diffText(diff, interruptions, diagnostics, styleFor(io.stdout, io.env)));
  await writer.flush();
  return diagnostics;
}
