/** Decoded BFD packets for a reader: the fields of the JSON by the same names, without those that are absent. */
import { SEVERITY_FORMAT, type Style } from '../text/style.ts';
import type { BfdMessageJson } from './bfd.ts';
import { linesOf } from './text.ts';

/** One packet, its errors last. */
export function bfdMessageText(message: BfdMessageJson, style: Style): string {
  const { type, length, version, state, diagnostic, diagnosticCode, verdict, errors, ...fields } = message;
  const head = [`${style('bold', type)} ${state ?? 'packet'}, ${length} octets: ${verdict}`];
  const why = diagnosticCode === undefined || diagnosticCode === 0 ? null : `${diagnostic} (${diagnosticCode})`;
  // Every packet should be of version 1: one that is is not told.
  const said = { version: version === 1 ? null : version, diagnostic: why, ...fields };
  const lines = Object.entries(said).flatMap(([name, value]) => linesOf(name, valueText(name, value), style, WIDTH));
  const wrong = errors.map(({ reason, message }) => `  ${style(SEVERITY_FORMAT.error, reason)}: ${message}`);
  return [...head, ...lines, ...wrong].map((line) => `${line}\n`).join('');
}

const WIDTH = 27;

/** Intervals in milliseconds: those of profiles are. */
const valueText = (name: string, value: unknown): unknown =>
  name.endsWith('Interval') && typeof value === 'number' ? `${value / 1_000} ms` : value;
