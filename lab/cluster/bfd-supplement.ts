/**
 * What the lab adds behind the guide's frr.conf, so that the guide's BFDProfile `production-bfd` has somebody to talk to: the guide's manifests ask for BFD, and
 * its router configuration has none. None of the guide's lines changes.
 */
import { NODES } from '../guide.ts';

const PROFILE = 'production-bfd';

/** The lines, the same for every router. Whether a session is over one hop or several is what FRR makes of `ebgp-multihop`. */
export function bfdSupplement(): string {
  const neighbors = NODES.flatMap(({ address: node }) => [
    ` neighbor ${node} bfd`,
    ` neighbor ${node} bfd profile ${PROFILE}`,
  ]);
  return `
! Supplied by the lab, not by the guide: the other side of its BFDProfile ${PROFILE}
bfd
 profile ${PROFILE}
  receive-interval 300
  transmit-interval 300
  detect-multiplier 3
  minimum-ttl 254
 exit
exit
router bgp 64512
${neighbors.join('\n')}
exit
`;
}
