/** Decoded messages for a reader: the fields of the JSON by the same names, without those that are absent. */
import { type AsPath, formatAsPath, mergeAs4Path } from '../../bgp/packet/attribute-as-path.ts';
import { formatFamily, IPV4_UNICAST } from '../../bgp/packet/constants.ts';
import { printable } from '../text/printable.ts';
import { SEVERITY_FORMAT, type Style } from '../text/style.ts';
import type { CapabilityJson } from './capability.ts';
import type { ErrorJson, MessageJson } from './messages.ts';
import type { UpdateJson } from './update.ts';

const WIDTH = 20;

/** One message, its errors last. */
export function messageText({ type, length, errors, ...fields }: MessageJson, style: Style): string {
  const { attributes, ...rest } = { attributes: {}, ...fields };
  const whole = 'attributes' in fields && errors.length === 0 ? meaningOf(fields) : {};
  const lines = [rest, attributes, whole].flatMap((part) =>
    Object.entries(part).flatMap(([name, value]) => linesOf(name, value, style)),
  );
  return [`${style('bold', type)}, ${length} octets`, ...lines, ...errors.map((error) => errorText(error, style))]
    .map((line) => `${line}\n`)
    .join('');
}

/** What follows from an UPDATE as a whole. */
function meaningOf({ withdrawn, nlri, attributes }: UpdateJson): Record<string, string> {
  const { asPath, as4Path, aggregator, mpUnreach, ...others } = attributes;
  if (asPath !== null && as4Path !== null) {
    return { 'path (RFC 6793)': formatAsPath(mergeAs4Path(asPath, as4Path, aggregator?.asn)) };
  }
  // RFC 4724 section 2
  const rest = [withdrawn, nlri, as4Path, aggregator, ...Object.values(others)];
  const empty = asPath === null && rest.every((value) => textOf(value) === '');
  if (!empty || (mpUnreach !== null && (mpUnreach.withdrawn.length > 0 || (mpUnreach.opaque ?? '') !== ''))) return {};
  return { 'End-of-RIB': formatFamily(mpUnreach ?? IPV4_UNICAST) };
}

/** One field; nothing where there is nothing to say. */
export function linesOf(name: string, value: unknown, style: Style, width = WIDTH): string[] {
  const said = isAsPath(name, value)
    ? formatAsPath(value) || 'empty'
    : isCapabilities(name, value)
      ? value.map(capabilityText).join('\n')
      : textOf(value);
  if (said === '') return [];
  return said.split('\n').map((text, i) => `  ${style('dim', (i === 0 ? name : '').padEnd(width))}${printable(text)}`);
}

const isAsPath = (name: string, value: unknown): value is AsPath =>
  (name === 'asPath' || name === 'as4Path') && value !== null;

const isCapabilities = (name: string, value: unknown): value is readonly CapabilityJson[] =>
  name === 'capabilities' && Array.isArray(value);

const capabilityText = ({ code, name, value }: CapabilityJson): string =>
  `${name} (${code})  ${textOf(value).replaceAll('\n', ', ')}`.trimEnd();

/** Empty where there is nothing to say; lists of things with parts have a line each. */
function textOf(value: unknown): string {
  if (value === null || value === undefined || value === false) return '';
  if (value === true) return 'yes';
  if (Array.isArray(value)) {
    const parts = value.map(textOf);
    return parts.join(value.every((item) => typeof item !== 'object') ? ' ' : '\n');
  }
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .flatMap(([name, part]) => {
      const said = textOf(part).replaceAll('\n', ', ');
      return said === '' ? [] : [`${name} ${said}`];
    })
    .join('  ');
}

function errorText({ action, code, subcode, data, message, attribute, value }: ErrorJson, style: Style): string {
  const answer = code === null ? '' : ` (NOTIFICATION ${code}/${subcode}${data === '' ? '' : `, data ${data}`})`;
  const where = attribute === null ? '' : `; attribute ${attribute}${value === '' ? ', empty' : `: ${value}`}`;
  return `  ${style(SEVERITY_FORMAT.error, action)}${answer}: ${printable(message)}${where}`;
}
