import { describe, expect, it } from 'vitest';
import { toHex } from '../wire/hex.ts';
import type { CapabilityOffer } from './capability-fallback.ts';
import { localOpen, negotiate } from './negotiation.ts';
import type { Capability } from './packet/capability.ts';
import { IPV4_UNICAST, IPV6_UNICAST } from './packet/constants.ts';
import type { Open } from './packet/open.ts';
import type { PeerConfig } from './peer-types.ts';

const CONFIG: PeerConfig = {
  localAsn: 65001,
  remoteAsn: 65002,
  bgpIdentifier: 1,
  holdTimeSeconds: 90,
  keepaliveSeconds: 30,
  families: [IPV4_UNICAST, IPV6_UNICAST],
  connectMode: 'both',
  connectRetry: { initialMs: 1, maxMs: 1 },
  maxPrefixes: 1,
};
const family = (f: typeof IPV4_UNICAST): Capability => ({ type: 'multiprotocol', family: f });
const OPEN: Open = { asn: 65002, myAs: 65002, holdTime: 180, bgpIdentifier: 2, capabilities: [family(IPV4_UNICAST)] };

describe('negotiate', () => {
  it.each([
    [90, 30, 180, 90, 30],
    [90, 30, 9, 9, 3],
    [90, 10, 90, 90, 10],
    [3, 1, 90, 3, 1],
    [90, 30, 0, 0, 0],
    [0, 0, 90, 0, 0],
    [90, 0, 90, 90, 30],
    [65_535, 21_845, 65_535, 65_535, 21_845],
  ])(
    'ours %i s every %i s, theirs %i s: %i s every %i s',
    (holdTimeSeconds, keepaliveSeconds, holdTime, hold, keepalive) => {
      const agreed = negotiate({ ...CONFIG, holdTimeSeconds, keepaliveSeconds }, { ...OPEN, holdTime });
      expect(agreed).toMatchObject({ ok: true, value: { holdTimeSeconds: hold, keepaliveSeconds: keepalive } });
    },
  );

  it('takes the families of both, and IPv4 from a peer that names none', () => {
    const agreed = (capabilities: Capability[]) => negotiate(CONFIG, { ...OPEN, capabilities });
    expect(agreed([family(IPV6_UNICAST), family({ afi: 1, safi: 128 })])).toMatchObject({
      value: { families: [IPV6_UNICAST] },
    });
    expect(agreed([])).toMatchObject({ value: { families: [IPV4_UNICAST], fourOctetAs: false, routeRefresh: false } });
    expect(agreed([{ type: 'four-octet-as', asn: 65002 }, { type: 'route-refresh' }])).toMatchObject({
      value: { fourOctetAs: true, routeRefresh: true },
    });
  });

  it('refuses with both numbers another AS, and an identifier that is ours only inside of an AS', () => {
    const other = negotiate(CONFIG, { ...OPEN, asn: 65009 });
    expect(other).toMatchObject({
      error: { notification: { code: 2, subcode: 2 }, detail: expect.stringMatching(/65009.*65002/) },
    });
    const same = { ...OPEN, bgpIdentifier: 1 };
    expect(negotiate(CONFIG, same).ok).toBe(true);
    const internal = negotiate({ ...CONFIG, remoteAsn: 65001 }, { ...same, asn: 65001 });
    expect(internal).toMatchObject({ error: { notification: { code: 2, subcode: 3 } } });
  });

  it.each([
    ['internal', 65001, true],
    ['internal', 65002, false],
    ['external', 65001, false],
    ['external', 65002, true],
  ] as const)('an %s peer that says AS %i: %s', (remoteAsn, asn, accepted) => {
    const agreed = negotiate({ ...CONFIG, remoteAsn }, { ...OPEN, asn });
    if (accepted) expect(agreed).toMatchObject({ value: { internal: remoteAsn === 'internal' } });
    else
      expect(agreed).toMatchObject({
        error: {
          notification: { code: 2, subcode: 2 },
          detail: `the peer says that it is AS ${asn}, configured is an ${remoteAsn} peer of our AS 65001`,
        },
      });
  });

  it('refuses a peer without a family in common, and says which would do', () => {
    const refused = negotiate({ ...CONFIG, families: [IPV6_UNICAST] }, OPEN);
    expect(refused).toMatchObject({ error: { notification: { code: 2, subcode: 7 } } });
    //                                          code len afi  res safi
    expect(!refused.ok && toHex(refused.error.notification.data)).toBe('010400020001');
  });
});

describe('localOpen', () => {
  it('says AS_TRANS where the AS number needs four octets (RFC 6793)', () => {
    expect(localOpen({ ...CONFIG, localAsn: 65_536 })).toMatchObject({ myAs: 23_456, asn: 65_536 });
    expect(localOpen({ ...CONFIG, localAsn: 65_535 })).toMatchObject({ myAs: 65_535, asn: 65_535 });
  });

  it('leaves out what can be done without, or everything', () => {
    const types = (offer: CapabilityOffer) => localOpen(CONFIG, offer).capabilities.map((c) => c.type);
    expect(types('all')).toEqual(expect.arrayContaining(['route-refresh', 'extended-message']));
    expect(types('essential')).toEqual(['multiprotocol', 'multiprotocol', 'four-octet-as']);
    expect(types('none')).toEqual([]);
  });
});

describe('an offer', () => {
  const everything: Capability[] = [
    family(IPV4_UNICAST),
    family(IPV6_UNICAST),
    { type: 'four-octet-as', asn: 65002 },
    { type: 'route-refresh' },
    { type: 'extended-message' },
  ];
  it.each([
    ['all', [IPV4_UNICAST, IPV6_UNICAST], true, true],
    ['essential', [IPV4_UNICAST, IPV6_UNICAST], true, false],
    ['none', [IPV4_UNICAST], false, false],
  ] as const)('of %s: nothing is agreed on that was not offered', (offer, families, fourOctetAs, more) => {
    const agreed = negotiate(CONFIG, { ...OPEN, capabilities: everything }, offer);
    expect(agreed).toMatchObject({
      value: { families, fourOctetAs, routeRefresh: more, extendedMessages: more, offer },
    });
  });
});
