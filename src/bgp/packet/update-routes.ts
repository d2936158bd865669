/**
 * What an UPDATE does to the receiver's routes: the classic IPv4 fields and the multiprotocol attributes brought to one form, and
 * RFC 7606's treat-as-withdraw applied.
 */
import type { Ip } from '../../net/ip.ts';
import { type Family, IPV4_UNICAST } from './constants.ts';
import type { Nlri } from './nlri.ts';
import { attributeOf, type DecodedUpdate, known, type Update } from './update.ts';

/** Prefixes of one family with their next hop. */
export interface AnnouncedRoutes {
  readonly family: Family;
  readonly nextHop: Ip;
  readonly prefixes: readonly Nlri[];
}

/** Prefixes of one family. */
export interface WithdrawnRoutes {
  readonly family: Family;
  readonly prefixes: readonly Nlri[];
}

/** Routes that an UPDATE announces, with the next hop of each family. */
export function announcedBy(update: Update): AnnouncedRoutes[] {
  const routes: AnnouncedRoutes[] = [];
  const nextHop = attributeOf(update, 'NEXT_HOP');
  if (update.nlri.length > 0 && nextHop !== undefined) {
    routes.push({ family: IPV4_UNICAST, nextHop, prefixes: update.nlri });
  }
  const reach = attributeOf(update, 'MP_REACH_NLRI');
  if (reach?.prefixes !== undefined && reach.prefixes.length > 0) {
    routes.push({ family: reach.family, nextHop: reach.nextHop, prefixes: reach.prefixes });
  }
  return routes;
}

/** Routes that an UPDATE withdraws. */
export function withdrawnBy(update: Update): WithdrawnRoutes[] {
  const routes: WithdrawnRoutes[] = [];
  if (update.withdrawn.length > 0) routes.push({ family: IPV4_UNICAST, prefixes: update.withdrawn });
  const unreach = attributeOf(update, 'MP_UNREACH_NLRI');
  if (unreach?.prefixes !== undefined && unreach.prefixes.length > 0) {
    routes.push({ family: unreach.family, prefixes: unreach.prefixes });
  }
  return routes;
}

/** The family whose End-of-RIB this is (RFC 4724 section 2), or null. */
export function endOfRibOf(update: Update): Family | null {
  if (update.withdrawn.length > 0 || update.nlri.length > 0) return null;
  const [first, ...more] = update.attributes;
  if (first === undefined) return IPV4_UNICAST;
  if (more.length > 0 || first.type !== 'MP_UNREACH_NLRI') return null;
  return (first.value.prefixes ?? first.value.opaque).length === 0 ? first.value.family : null;
}

/** The UPDATE as a receiver has to act on it: with an error of class treat-as-withdraw, its routes are withdrawn. */
export function actOn(decoded: DecodedUpdate): Update {
  const { update, errors } = decoded;
  if (!errors.some((e) => e.action === 'treat-as-withdraw')) return update;
  const reach = attributeOf(update, 'MP_REACH_NLRI');
  const unreach = attributeOf(update, 'MP_UNREACH_NLRI');
  const attributes = [];
  if (reach?.prefixes !== undefined) {
    const same = unreach?.prefixes !== undefined && unreach.family.afi === reach.family.afi ? unreach.prefixes : [];
    attributes.push(known('MP_UNREACH_NLRI', { family: reach.family, prefixes: [...same, ...reach.prefixes] }));
  } else if (unreach !== undefined) attributes.push(known('MP_UNREACH_NLRI', unreach));
  return { withdrawn: [...update.withdrawn, ...update.nlri], attributes, nlri: [] };
}
