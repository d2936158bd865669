/** Communities and their meaning: what the manifests call them, who sends them, and what routers are to make of them. */
import { compareText } from '../compare-text.ts';
import type { BgpAdvertisement } from '../config/advertisement.ts';
import type { CommunityValue } from '../config/community.ts';
import { formatCommunity } from '../config/community.ts';
import type { Plan } from '../plan/plan.ts';
import { escaped, namesOf, sectionOf, tableOf } from './markdown.ts';

/** IANA's registry "BGP Well-known Communities", in words. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  '65535:0': 'GRACEFUL\\_SHUTDOWN (RFC 8326): use these routes last',
  '65535:1': 'ACCEPT\\_OWN (RFC 7611)',
  '65535:6': 'LLGR\\_STALE (RFC 9494)',
  '65535:7': 'NO\\_LLGR (RFC 9494)',
  '65535:666': 'BLACKHOLE (RFC 7999): drop the traffic',
  '65535:65281': 'NO\\_EXPORT (RFC 1997): tell no other AS',
  '65535:65282': 'NO\\_ADVERTISE (RFC 1997): tell no other router at all',
  '65535:65283': 'NO\\_EXPORT\\_SUBCONFED (RFC 1997)',
  '65535:65284': 'NOPEER (RFC 3765)',
};

interface Entry {
  readonly value: CommunityValue;
  readonly aliases: string[];
  readonly senders: BgpAdvertisement[];
}

/** Every community that has a name or is sent, by value. */
export function communities({ snapshot: { config, communities: objects = [] } }: Plan): string {
  const entries = new Map<string, Entry>();
  const of = (value: CommunityValue): Entry => {
    const text = formatCommunity(value);
    const known = entries.get(text) ?? { value, aliases: [], senders: [] };
    entries.set(text, known);
    return known;
  };
  for (const { name, aliases } of [...objects].sort((a, b) => compareText(a.name, b.name)))
    for (const alias of aliases) of(alias.value).aliases.push(`${alias.name} (${name})`);
  for (const advertisement of config.bgpAdvertisements)
    for (const value of [...advertisement.communities, ...advertisement.largeCommunities])
      of(value).senders.push(advertisement);
  const rows = [...entries]
    .sort(([, a], [, b]) => compareValue(a.value, b.value))
    .map(([text, { aliases, senders }]) => [
      `\`${text}\``,
      aliases.map(escaped).join(', '),
      meaningOf(text, senders),
      senders.length === 0 ? 'nobody' : senders.map(({ name }) => escaped(name)).join(', '),
    ]);
  return sectionOf('Communities', tableOf(['community', 'name (Community)', 'meaning', 'sent by'], rows));
}

function meaningOf(text: string, senders: readonly BgpAdvertisement[]): string {
  const wellKnown = WELL_KNOWN[text];
  if (wellKnown !== undefined) return wellKnown;
  const asked = [...new Set(senders.flatMap(({ localPref }) => localPref ?? []))].sort((a, b) => b - a);
  const pools = [...new Set(senders.flatMap(({ ipAddressPools }) => ipAddressPools))].sort(compareText);
  return [
    ...(pools.length === 0 ? [] : [`routes of ${namesOf(pools)}`]),
    ...(asked.length === 0 ? [] : [`local preference ${asked.join(' or ')} is asked for`]),
  ].join('; ');
}

const numbersOf = (value: CommunityValue): readonly number[] =>
  typeof value === 'number' ? [0, value] : [1, value.globalAdministrator, value.localData1, value.localData2];

function compareValue(a: CommunityValue, b: CommunityValue): number {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  const at = x.findIndex((n, i) => n !== y[i]);
  return at < 0 ? 0 : (x[at] ?? 0) - (y[at] ?? 0);
}
