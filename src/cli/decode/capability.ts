/** Capabilities as JSON: the code, IANA's name for it in lower case, and a value that says what the octets mean. */
import { type Capability, encodeCapability } from '../../bgp/packet/capability.ts';
import { toHex } from '../../wire/hex.ts';
import { ByteReader, TruncatedError } from '../../wire/reader.ts';
import { ByteWriter } from '../../wire/writer.ts';

/** The contract's form. */
export interface CapabilityJson {
  readonly code: number;
  readonly name: string;
  /** Null where it is empty by nature; the octets in hex where this tool does not know what they mean, or where they cannot be. */
  readonly value: unknown;
}

interface Known {
  readonly name: string;
  /** Reads the whole value; whatever it leaves makes the value one that cannot be. */
  readonly value?: (r: ByteReader) => unknown;
}

const family = (r: ByteReader): { afi: number; safi: number } => ({ afi: r.u16(), safi: r.u8() });

function list<T>(r: ByteReader, one: (r: ByteReader) => T): T[] {
  const items: T[] = [];
  while (r.remaining > 0) items.push(one(r));
  return items;
}

const text = (r: ByteReader): string => new TextDecoder().decode(r.bytes(r.u8()));
const word = (words: readonly string[], index: number): string | number => words[index] ?? index;

/** RFC 4760 section 8: the reserved octet is ignored. */
function multiprotocol(r: ByteReader): unknown {
  const afi = r.u16();
  r.u8();
  return { afi, safi: r.u8() };
}

/** RFC 4724 section 3, RFC 8538 section 2. */
function gracefulRestart(r: ByteReader): unknown {
  const head = r.u16();
  return {
    restarting: (head & 0x8000) !== 0,
    notification: (head & 0x4000) !== 0,
    restartTime: head & 0xfff,
    families: list(r, () => ({ ...family(r), forwardingPreserved: (r.u8() & 0x80) !== 0 })),
  };
}

/** RFC 9494 section 3. */
const longLivedGracefulRestart = (r: ByteReader): unknown => ({
  families: list(r, () => ({
    ...family(r),
    forwardingPreserved: (r.u8() & 0x80) !== 0,
    staleTime: r.u16() * 256 + r.u8(),
  })),
});

const SEND_RECEIVE = ['', 'receive', 'send', 'both']; // RFC 7911 section 4
const ROLES = ['provider', 'rs', 'rs-client', 'customer', 'peer']; // RFC 9234 section 4.1

/** Capability Codes of IANA, as far as they are seen in the wild. */
const KNOWN: Readonly<Record<number, Known>> = {
  1: { name: 'multiprotocol', value: multiprotocol },
  2: { name: 'route-refresh' },
  3: { name: 'outbound-route-filtering' },
  5: {
    name: 'extended-next-hop',
    value: (r) => list(r, () => ({ afi: r.u16(), safi: r.u16(), nextHopAfi: r.u16() })), // RFC 8950 section 4
  },
  6: { name: 'extended-message' },
  7: { name: 'bgpsec' },
  8: { name: 'multiple-labels' },
  9: { name: 'role', value: (r) => word(ROLES, r.u8()) },
  64: { name: 'graceful-restart', value: gracefulRestart },
  65: { name: 'four-octet-as', value: (r) => r.u32() },
  67: { name: 'dynamic-capability' },
  68: { name: 'multisession' },
  69: {
    name: 'add-path',
    value: (r) => list(r, () => ({ ...family(r), sendReceive: word(SEND_RECEIVE, r.u8()) })),
  },
  70: { name: 'enhanced-route-refresh' },
  71: { name: 'long-lived-graceful-restart', value: longLivedGracefulRestart },
  72: { name: 'routing-policy-distribution' },
  73: { name: 'fqdn', value: (r) => ({ hostname: text(r), domain: text(r) }) },
  74: { name: 'bfd-strict-mode' },
  75: { name: 'software-version', value: text },
  76: { name: 'paths-limit' },
  77: { name: 'link-local-next-hop' },
  128: { name: 'route-refresh-cisco' },
  129: { name: 'outbound-route-filtering-cisco' },
  130: { name: 'outbound-route-filtering-cisco' },
  131: { name: 'multisession-cisco' },
};

/** What one capability says. */
export function capabilityJson(capability: Capability): CapabilityJson {
  const w = new ByteWriter(2 + 255);
  encodeCapability(w, capability);
  const [code = 0] = w.view();
  const octets = w.view().subarray(2);
  const known = KNOWN[code];
  return { code, name: known?.name ?? 'unknown', value: meaningOf(known, octets) };
}

function meaningOf(known: Known | undefined, octets: Uint8Array): unknown {
  const raw = octets.length === 0 ? null : toHex(octets);
  if (known?.value === undefined) return raw;
  const r = new ByteReader(octets);
  try {
    const value = known.value(r);
    return r.remaining === 0 ? value : raw;
  } catch (error) {
    if (error instanceof TruncatedError) return raw;
    throw error;
  }
}
