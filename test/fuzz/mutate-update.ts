/**
 * Mutations of an UPDATE that keep its lengths right, so that what is wrong lies in one attribute or prefix: blind ones mostly end at the first length.
 */
import type { Random } from './random.ts';

const HEADER = 19;
const UPDATE = 2;
const EXTENDED = 0x10;

interface Attribute {
  flags: number;
  code: number;
  value: Uint8Array;
}

interface Parts {
  readonly withdrawn: Uint8Array;
  readonly attributes: Attribute[];
  readonly nlri: Uint8Array;
}

/** The parts of an UPDATE; null where the octets are none. */
function partsOf(octets: Uint8Array): Parts | null {
  if (octets.length < HEADER + 4 || octets[HEADER - 1] !== UPDATE) return null;
  const u16 = (at: number): number => ((octets[at] ?? 0) << 8) + (octets[at + 1] ?? 0);
  const withdrawnEnd = HEADER + 2 + u16(HEADER);
  const end = withdrawnEnd + 2 + u16(withdrawnEnd);
  if (withdrawnEnd + 2 > octets.length || end > octets.length) return null;
  const attributes: Attribute[] = [];
  for (let at = withdrawnEnd + 2; at < end; ) {
    const flags = octets[at] ?? 0;
    const head = flags & EXTENDED ? 4 : 3;
    const length = head === 4 ? u16(at + 2) : (octets[at + 2] ?? 0);
    if (at + head + length > end) return null;
    attributes.push({ flags, code: octets[at + 1] ?? 0, value: octets.slice(at + head, at + head + length) });
    at += head + length;
  }
  return { withdrawn: octets.slice(HEADER + 2, withdrawnEnd), attributes, nlri: octets.slice(end) };
}

function assembled({ withdrawn, attributes, nlri }: Parts): Uint8Array {
  const list: number[] = [];
  for (const { flags, code, value } of attributes) {
    const extended = value.length > 255;
    list.push(extended ? flags | EXTENDED : flags & ~EXTENDED, code);
    if (extended) list.push(value.length >> 8);
    list.push(value.length & 255, ...value);
  }
  const lengths = (n: number): number[] => [(n >> 8) & 255, n & 255];
  const body = [...lengths(withdrawn.length), ...withdrawn, ...lengths(list.length), ...list, ...nlri];
  const length = HEADER + body.length;
  return new Uint8Array([...new Array<number>(16).fill(255), ...lengths(length), UPDATE, ...body]);
}

const KNOWN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 32, 35];

/** Changes one attribute: its value, its length, its flags, its code, or whether it is there. */
function changeOne(attributes: Attribute[], random: Random, other: readonly Attribute[]): void {
  const at = random.below(attributes.length);
  const attribute = attributes[at];
  if (attribute === undefined) return;
  const { value } = attribute;
  switch (random.below(9)) {
    case 0:
      attribute.flags ^= 1 << (4 + random.below(4));
      return;
    case 1:
      attribute.code = random.once(4) ? random.below(256) : random.pick(KNOWN);
      return;
    case 2:
      attribute.value = value.slice(0, random.below(value.length + 1));
      return;
    case 3:
      attribute.value = new Uint8Array([...value, ...value.slice(0, 1 + random.below(8))]);
      return;
    case 4:
      attributes.splice(at, 1);
      return;
    case 5:
      attributes.splice(random.below(attributes.length + 1), 0, { ...attribute });
      return;
    case 6:
      if (other.length > 0) attributes.push({ ...random.pick(other) });
      return;
    default:
      if (value.length > 0) value[random.below(value.length)] = random.once(2) ? random.below(256) : random.below(4);
  }
}

/** Null where the octets are no UPDATE whose parts can be told apart. */
export function mutatedUpdate(octets: Uint8Array, random: Random, messages: readonly Uint8Array[]): Uint8Array | null {
  const parts = partsOf(octets);
  if (parts === null) return null;
  const other = partsOf(random.pick(messages))?.attributes ?? [];
  for (let i = random.below(3); i >= 0; i--) changeOne(parts.attributes, random, other);
  const field = random.once(2) ? parts.nlri : parts.withdrawn;
  if (field.length > 0 && random.once(8)) field[random.below(field.length)] = random.below(64);
  return assembled(parts);
}
