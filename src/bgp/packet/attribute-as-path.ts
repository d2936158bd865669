/**
 * AS_PATH and AS4_PATH (RFC 4271 section 5.1.2, RFC 6793), and how the two of them make one path.
 *
 * AS_SET is read and never written (RFC 9774).
 */
import type { ByteReader } from '../../wire/reader.ts';
import type { ByteWriter } from '../../wire/writer.ts';
import { AttributeError, attributeCodec, OPTIONAL_TRANSITIVE, WELL_KNOWN } from './attribute.ts';
import { AS_TRANS, UpdateSubcode } from './constants.ts';

/** The names of RFC 4271 and RFC 5065; index + 1 is the wire's number. */
const SEGMENT_TYPES = ['AS_SET', 'AS_SEQUENCE', 'AS_CONFED_SEQUENCE', 'AS_CONFED_SET'] as const;

/** One segment, of 1 to 255 AS numbers. */
export interface AsPathSegment {
  readonly type: (typeof SEGMENT_TYPES)[number];
  readonly asns: readonly number[];
}

/** Segments from the nearest AS to the origin. */
export type AsPath = readonly AsPathSegment[];

/** AS_PATH, its numbers as wide as was negotiated. */
export const asPath = attributeCodec<'AS_PATH', AsPath>({
  name: 'AS_PATH',
  code: 2,
  category: WELL_KNOWN,
  onMalformed: () => 'treat-as-withdraw',
  decode: (r, context) => decodeSegments(r, context.fourOctetAs),
  encode: (w, value, context) => encodeSegments(w, value, context.fourOctetAs),
});

/** AS4_PATH: the true path, carried past speakers that know two octets only. */
export const as4Path = attributeCodec<'AS4_PATH', AsPath>({
  name: 'AS4_PATH',
  code: 17,
  category: OPTIONAL_TRANSITIVE,
  // RFC 6793 section 6: a malformed one is discarded, and so is one from a peer that has no need of it.
  onMalformed: () => 'attribute-discard',
  accepted: (context) => !context.fourOctetAs,
  decode: (r) => decodeSegments(r, true),
  encode: (w, value) => encodeSegments(w, value, true),
});

function decodeSegments(r: ByteReader, fourOctet: boolean): AsPath {
  const segments: AsPathSegment[] = [];
  while (r.remaining > 0) {
    if (r.remaining < 2) throw malformed('segment without a length');
    const number = r.u8();
    const type = SEGMENT_TYPES[number - 1];
    if (type === undefined) throw malformed(`segment type ${number}`);
    const count = r.u8();
    if (count === 0) throw malformed('empty segment');
    if (count * (fourOctet ? 4 : 2) > r.remaining) throw malformed(`segment of ${count} AS numbers overruns`);
    const asns: number[] = [];
    for (let i = 0; i < count; i++) asns.push(fourOctet ? r.u32() : r.u16());
    if (asns.includes(0)) throw malformed('AS 0 (RFC 7607)');
    segments.push({ type, asns });
  }
  return segments;
}

const malformed = (what: string): AttributeError =>
  new AttributeError(`AS path: ${what}`, UpdateSubcode.MalformedAsPath);

function encodeSegments(w: ByteWriter, path: AsPath, fourOctet: boolean): void {
  for (const segment of path) {
    w.u8(SEGMENT_TYPES.indexOf(segment.type) + 1);
    w.u8(segment.asns.length);
    for (const asn of segment.asns) {
      if (fourOctet) w.u32(asn);
      else w.u16(asn > 0xffff ? AS_TRANS : asn);
    }
  }
}

/** The length by which paths are compared: a set counts as one, confederation segments as none (RFC 5065 section 5.3). */
export function asPathLength(path: AsPath): number {
  let length = 0;
  for (const s of path) length += s.type === 'AS_SEQUENCE' ? s.asns.length : s.type === 'AS_SET' ? 1 : 0;
  return length;
}

/**
 * The path that an old speaker's AS_PATH and AS4_PATH mean together (RFC 6793 section 4.2.3): the AS4_PATH, led by what the AS_PATH
 * has more. An AS4_PATH that is the longer one is ignored, and so is one beside an AGGREGATOR that names a real AS: an old speaker has
 * aggregated since, and the AS4_PATH is of before. Confederation segments have no place in it (section 6).
 *
 * @param aggregatorAsn - of AGGREGATOR, where there is one.
 */
export function mergeAs4Path(path: AsPath, received: AsPath, aggregatorAsn: number | null = null): AsPath {
  const as4 = received.filter(({ type }) => type === 'AS_SEQUENCE' || type === 'AS_SET');
  let lead = asPathLength(path) - asPathLength(as4);
  if (lead < 0 || (aggregatorAsn !== null && aggregatorAsn !== AS_TRANS)) return path;
  const merged: AsPathSegment[] = [];
  for (const segment of path) {
    if (lead <= 0) break;
    const asns = segment.type === 'AS_SEQUENCE' ? segment.asns.slice(0, lead) : segment.asns;
    merged.push({ type: segment.type, asns });
    lead -= asPathLength([{ type: segment.type, asns }]);
  }
  return [...merged, ...as4];
}

/** `65001 65002 {65003,65004}`, as routers print it. */
export function formatAsPath(path: AsPath): string {
  return path
    .map((s) => {
      if (s.type === 'AS_SEQUENCE') return s.asns.join(' ');
      if (s.type === 'AS_SET') return `{${s.asns.join(',')}}`;
      return s.type === 'AS_CONFED_SEQUENCE' ? `(${s.asns.join(' ')})` : `[${s.asns.join(',')}]`;
    })
    .join(' ');
}
