/** AS numbers that no AS can have (IANA, RFC 6793, RFC 7300). Zero is refused where the peer is read. */
import { peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

const RESERVED = new Map([
  [23_456, 'AS_TRANS, which stands for every AS number above 65535 towards old routers (RFC 6793)'],
  [65_535, 'the last AS number of 16 bits, which is reserved (RFC 7300)'],
  [4_294_967_295, 'the last AS number of 32 bits, which is reserved (RFC 7300)'],
]);

export const reservedAsn: LintRule = {
  name: 'reserved-asn',
  severity: 'warning',
  help: 'Use your own AS number, or a private one: 64512 to 65534, or 4200000000 to 4294967294.',
  summary: 'an AS number is reserved',
  why: `No network may use it, and routers refuse an OPEN message that has it (NOTIFICATION 2/2, Bad Peer AS), or take it for something else.`,
  fires: [
    peer('router-a', 'myASN: 23456\npeerAddress: 10.0.0.1'),
    peer('router-a', 'peerASN: 65535\npeerAddress: 10.0.0.1'),
  ],
  silent: [peer('router-a', 'myASN: 4200000001\npeerAddress: 10.0.0.1')],
  check: ({ snapshot: { config } }) =>
    config.peers.flatMap((one) =>
      (['myASN', 'peerASN', 'localASN'] as const).flatMap((field) => {
        const asn = one[field];
        const what = asn === null ? undefined : RESERVED.get(asn);
        if (what === undefined) return [];
        return [{ object: { kind: 'BGPPeer', name: one.name }, path: ['spec', field], message: `${asn} is ${what}` }];
      }),
    ),
};
