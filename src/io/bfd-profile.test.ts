import { describe, expect, it } from 'vitest';
import type { SessionPath } from '../bfd/session-table.ts';
import { bfdProfileOf } from '../config/testing.ts';
import type { Ip } from '../net/ip.ts';
import { sessionConfigOf, sessionPathOf } from './bfd-profile.ts';

const UNSET = bfdProfileOf('production');
const NEAR: SessionPath = {
  type: 'singleHop',
  interfaceIndex: 4,
  remote: { family: 4, value: 0xc0000201n },
  local: { family: 4, value: 0xc000020an },
};
const FAR: SessionPath = { type: 'multihop', remote: NEAR.remote, local: NEAR.local, minimumTtl: 254 };
const ROUTER: Ip = { family: 4, value: 0xc0000201n };

describe('a profile as a session', () => {
  it('has MetalLB’s defaults: 300 ms both ways, three times', () => {
    expect(sessionConfigOf(UNSET, NEAR, true)).toEqual({
      desiredMinTxInterval: 300_000,
      requiredMinRxInterval: 300_000,
      detectMult: 3,
      passive: false,
      controlPlaneIndependent: false,
      requiredMinEchoRxInterval: 0,
      echoInterval: null,
      authentication: null,
    });
  });

  it('has what it says', () => {
    const profile = {
      ...UNSET,
      receiveIntervalMs: 50,
      transmitIntervalMs: 100,
      detectMultiplier: 5,
      passiveMode: true,
    };
    expect(sessionConfigOf(profile, NEAR, false)).toMatchObject({
      desiredMinTxInterval: 100_000,
      requiredMinRxInterval: 50_000,
      detectMult: 5,
      passive: true,
    });
  });

  it('asks for Echo packets only where somebody returns them', () => {
    const profile = { ...UNSET, echoMode: true };
    expect(sessionConfigOf(profile, NEAR, true).requiredMinEchoRxInterval).toBe(50_000);
    expect(sessionConfigOf({ ...profile, echoIntervalMs: 70 }, NEAR, true).requiredMinEchoRxInterval).toBe(70_000);
    expect(sessionConfigOf(profile, NEAR, false).requiredMinEchoRxInterval).toBe(0);
    expect(sessionConfigOf(profile, FAR, true).requiredMinEchoRxInterval).toBe(0);
  });

  it('sends Echo packets over IPv4 on a link that is known, and nowhere else', () => {
    const profile = { ...UNSET, echoMode: true, echoIntervalMs: 70 };
    const interval = (path: SessionPath) => sessionConfigOf(profile, path, false).echoInterval;
    expect([interval(NEAR), interval(FAR), interval({ ...NEAR, interfaceIndex: null })]).toEqual([70_000, null, null]);
    const v6: Ip = { family: 6, value: 1n };
    expect(interval({ ...NEAR, remote: v6, local: v6 })).toBeNull();
  });

  it('is a single hop to a router on a connected subnet, else multihop with minimumTtl', () => {
    expect(sessionPathOf(UNSET, ROUTER, null, 4)).toMatchObject({ type: 'singleHop', interfaceIndex: 4 });
    expect(sessionPathOf(UNSET, ROUTER, null, null)).toMatchObject({ type: 'multihop', minimumTtl: 254 });
    expect(sessionPathOf({ ...UNSET, minimumTtl: 60 }, ROUTER, null, null)).toMatchObject({ minimumTtl: 60 });
  });
});
