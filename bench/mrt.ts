/** A routing table in MRT's TABLE_DUMP_V2 (RFC 6396 section 4.3), in which GoBGP takes many routes at once. */
import { ipToBytes, parseIp } from '../src/net/ip.ts';
import { medAt, prefixAt, type Workload } from './routes.ts';

const TABLE_DUMP_V2 = 13;
const PEER_INDEX_TABLE = 1;
const RIB_UNICAST = { 4: 2, 6: 4 } as const;

/** `gobgp mrt inject` (3.10) ends before the last routes of a dump are taken: so many of the first ones follow once more, and may be lost. */
const PADDING = 5_000;

export function mrtDump({ family, count, attributes }: Workload, nextHop: string): Uint8Array {
  const hop = parseIp(nextHop);
  if (!hop.ok) throw new Error(hop.error);
  const address = ipToBytes(hop.value);
  // One peer: its type (IPv4, four-octet AS), identifier, address, AS.
  const peer = [0x02, 10, 99, 0, 1, 10, 99, 0, 1, 0, 0, 0xfd, 0xe9];
  const records = [record(PEER_INDEX_TABLE, [10, 99, 0, 1, 0, 0, 0, 1, ...peer])];
  for (let n = 0; n < count + PADDING; n++) {
    const i = n % count;
    const { address: ip, length } = prefixAt(i, family);
    const prefix = ipToBytes(ip);
    // With family and NLRI, as RFC 4760 has it: what RFC 6396 section 4.3.4 leaves out of it, GoBGP misses.
    const reach = [0, 2, 1, address.length, ...address, 0, length, ...prefix];
    const where = family === 4 ? [0x40, 3, 4, ...address] : [0x80, 14, reach.length, ...reach];
    const path = [0x40, 1, 1, 0, 0x40, 2, 0, ...where, 0x80, 4, 4, ...u32(medAt(i, attributes))];
    const entry = [0, 0, ...u32(0), path.length >> 8, path.length & 255, ...path];
    records.push(record(RIB_UNICAST[family], [...u32(n), length, ...prefix, 0, 1, ...entry]));
  }
  return Buffer.concat(records);
}

const u32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

const record = (subtype: number, body: readonly number[]): Uint8Array =>
  new Uint8Array([...u32(0), 0, TABLE_DUMP_V2, 0, subtype, ...u32(body.length), ...body]);
