/** The routes that the benchmarks announce, as values and as the numbers that other daemons' configurations are made of. */
import type { RouteAttributes } from '../src/bgp/route.ts';
import type { Prefix } from '../src/net/prefix.ts';

/** `one`: all routes have one attribute set. `own`: each has another MED, which is as many sets as routes. */
export type AttributeKind = 'one' | 'own';

export interface Workload {
  readonly family: 4 | 6;
  readonly count: number;
  readonly attributes: AttributeKind;
}

const BASE_4 = 0x0a00_0000;
const BASE_6 = 0x2001_0db8n << 96n;

/** The i-th prefix: an address of 10.0.0.0/8, or of 2001:db8::/32. */
export function prefixAt(i: number, family: 4 | 6): Prefix {
  if (family === 4) return { address: { family, value: BigInt(BASE_4 + i) }, length: 32 };
  return { address: { family, value: BASE_6 + BigInt(i) }, length: 128 };
}

/** The same in text. */
export function prefixText(i: number, family: 4 | 6): string {
  if (family === 6) return `2001:db8::${(i >>> 16).toString(16)}:${(i & 0xffff).toString(16)}/128`;
  return `10.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}/32`;
}

/** The MED of the i-th route. */
export const medAt = (i: number, attributes: AttributeKind): number => (attributes === 'one' ? 100 : i + 1);

const attributesOf = (med: number): RouteAttributes => ({
  localPref: null,
  med,
  asPathPrepend: 0,
  communities: [],
  largeCommunities: [],
});

/** The wish for each of them. */
export function* routes({ family, count, attributes }: Workload): Generator<readonly [Prefix, RouteAttributes]> {
  const one = attributesOf(medAt(0, 'one'));
  for (let i = 0; i < count; i++)
    yield [prefixAt(i, family), attributes === 'one' ? one : attributesOf(medAt(i, 'own'))];
}
