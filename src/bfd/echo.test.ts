import { describe, expect, it } from 'vitest';
import { parseEcho } from './echo.ts';
import { OUR_DISCRIMINATOR, ScriptedPeer } from './testing/scripted-peer.ts';

const ECHO = { echoInterval: 50_000, requiredMinRxInterval: 300_000 };
const TAKES_ECHO = { requiredMinEchoRxInterval: 50_000 };

/** Numbers that differ from each other. */
function counting(): () => number {
  let n = 0;
  return () => (++n % 1_000) / 1_000;
}

/** Lets time pass while Echo packets come back and Control packets keep coming. */
function loop(peer: ScriptedPeer, ms: number, back: (octets: Uint8Array) => boolean = () => true): void {
  for (let passed = 0; passed < ms; passed += 10) {
    peer.clock.advance(10);
    for (const octets of peer.echoes.splice(0)) if (back(octets)) peer.session.receiveEcho(octets);
    if (passed % 250 === 0) peer.say({ state: 'Up', desiredMinTxInterval: 1_000_000, ...TAKES_ECHO });
  }
}

describe('the Echo function', () => {
  it('sends nothing to a neighbor that takes none, and says of ourselves what it was told', () => {
    const peer = new ScriptedPeer(ECHO).up();
    peer.keepAlive(2_000, 100);
    expect([peer.echoes, peer.last.requiredMinEchoRxInterval]).toEqual([[], 0]);
    expect(new ScriptedPeer({ requiredMinEchoRxInterval: 50_000 }).start().last.requiredMinEchoRxInterval).toBe(50_000);
  });

  it('sends to one that does, no faster than it takes them, and lets Control packets be rare meanwhile', () => {
    const peer = new ScriptedPeer(ECHO, counting()).up({ requiredMinEchoRxInterval: 100_000 });
    peer.keepAlive(200, 100, { requiredMinEchoRxInterval: 100_000 });
    expect(peer.session.status).toMatchObject({ echoActive: true, requiredMinRxInterval: 1_000_000 });
    const { echoPacketsSent } = peer.session.status;
    expect(echoPacketsSent).toBeGreaterThanOrEqual(2);
    expect(echoPacketsSent).toBeLessThanOrEqual(3);
  });

  it('keeps the session Up while enough come back, and takes it down with Echo Function Failed when they do not', () => {
    const peer = new ScriptedPeer(ECHO, counting()).up(TAKES_ECHO);
    loop(peer, 2_000);
    expect(peer.state).toBe('Up');
    expect(peer.session.status.echoPacketsReceived).toBeGreaterThan(30);
    let sent = 0;
    loop(peer, 2_000, () => ++sent % 3 === 0); // two of three are lost: fewer than the multiplier
    expect(peer.state).toBe('Up');
    peer.echoes.length = 0;
    peer.clock.advance(151);
    expect(peer.state).toBe('Down 2');
    expect(peer.last).toMatchObject({ state: 'Down', diagnostic: 2 });
    const { length } = peer.echoes;
    peer.clock.advance(200);
    expect(peer.echoes.length).toBe(length);
  });

  it('stops as soon as the neighbor takes no more', () => {
    const peer = new ScriptedPeer(ECHO, counting()).up(TAKES_ECHO);
    peer.say({ state: 'Up', desiredMinTxInterval: 300_000 });
    peer.echoes.length = 0;
    peer.keepAlive(1_000, 100);
    expect([peer.echoes, peer.state, peer.session.status.echoActive]).toEqual([[], 'Up', false]);
  });

  it('takes no packet that it did not send, none twice and none of another session', () => {
    const peer = new ScriptedPeer(ECHO, counting()).up(TAKES_ECHO);
    loop(peer, 200, () => false);
    const peer2 = new ScriptedPeer(ECHO, counting()).up(TAKES_ECHO);
    peer2.clock.advance(100);
    const octets = peer2.echoes.at(-1) as Uint8Array;
    expect(parseEcho(octets)?.discriminator).toBe(OUR_DISCRIMINATOR);
    const guessed = octets.slice();
    guessed[15] = (guessed[15] as number) ^ 1;
    const foreign = octets.slice();
    foreign[3] = 0x99;
    expect(
      [guessed, foreign, octets.subarray(1), octets, octets].map((each) => peer2.session.receiveEcho(each)),
    ).toEqual([false, false, false, true, false]);
  });
});
