import { describe, expect, it } from 'vitest';
import { parseEcho } from './echo.ts';
import type { SessionConfig } from './session.ts';
import { OUR_DISCRIMINATOR, ScriptedPeer } from './testing/scripted-peer.ts';

const ECHO = { echoInterval: 50_000, requiredMinRxInterval: 300_000 };
const TAKES_ECHO = { requiredMinEchoRxInterval: 50_000 };

/** Numbers that differ from each other. */
function counting(): () => number {
  let n = 0;
  return () => (++n % 1_000) / 1_000;
}

const upWith = (config: Partial<SessionConfig> = ECHO): ScriptedPeer =>
  new ScriptedPeer(config, counting()).up(TAKES_ECHO);

/** Lets time pass while Echo packets come back and Control packets keep coming. */
function loop(peer: ScriptedPeer, ms: number, back: (octets: Uint8Array) => boolean = () => true): void {
  for (let passed = 0; passed < ms; passed += 10) {
    peer.clock.advance(10);
    for (const octets of peer.echoes.splice(0)) if (back(octets)) peer.session.receiveEcho(octets);
    if (passed % 250 === 0) peer.say({ state: 'Up', desiredMinTxInterval: 1_000_000, ...TAKES_ECHO });
    if (peer.last.poll)
      peer.say({ state: 'Up', desiredMinTxInterval: 1_000_000, ...TAKES_ECHO, final: true, poll: false });
  }
}
const none = (): boolean => false;

describe('the Echo function', () => {
  it('sends nothing to a neighbor that takes none, and says of ourselves what it was told', () => {
    const peer = new ScriptedPeer(ECHO).up();
    peer.keepAlive(2_000, 100);
    expect([peer.echoes, peer.echoStates, peer.last.requiredMinEchoRxInterval]).toEqual([[], [], 0]);
    expect(new ScriptedPeer({ requiredMinEchoRxInterval: 50_000 }).start().last.requiredMinEchoRxInterval).toBe(50_000);
  });

  it('sends to one that does, no faster than it takes them', () => {
    const slow = { requiredMinEchoRxInterval: 100_000 };
    const peer = new ScriptedPeer(ECHO, counting()).up(slow);
    peer.keepAlive(200, 100, slow);
    expect(peer.session.status.echo).toBe('probing');
    const { echoPacketsSent } = peer.session.status;
    expect(echoPacketsSent).toBeGreaterThanOrEqual(2);
    expect(echoPacketsSent).toBeLessThanOrEqual(3);
  });

  it('depends on nothing before as many have come back as may be lost; then Control packets may be rare', () => {
    const peer = upWith();
    let back = 0;
    loop(peer, 120, () => ++back <= 2);
    expect(peer.session.status).toMatchObject({ echo: 'probing', requiredMinRxInterval: 300_000 });
    loop(peer, 100);
    expect(peer.session.status).toMatchObject({ echo: 'active', requiredMinRxInterval: 1_000_000 });
    loop(peer, 1_000);
    // What the neighbor may still go by before its Final would be a Detection Time that is too short.
    expect(peer.session.status).toMatchObject({ detectionTimeMs: 3_000, polling: false });
    expect(peer.echoStates).toEqual(['probing', 'active']);
  });

  it('keeps the session Up while enough come back, and takes it down with Echo Function Failed when they do not', () => {
    const peer = upWith();
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
    expect(peer.echoStates.at(-1)).toBe('off');
    const { length } = peer.echoes;
    peer.clock.advance(200);
    expect(peer.echoes.length).toBe(length);
  });

  it('calls nobody dead whose packets were not read yet', () => {
    const peer = upWith();
    loop(peer, 1_000);
    peer.echoes.length = 0;
    peer.pending = () => void peer.echoes.splice(0).map((octets) => peer.session.receiveEcho(octets));
    peer.clock.advance(400);
    expect([peer.state, peer.session.status.echo]).toEqual(['Up', 'active']);
  });

  it('takes no session down for packets that never came back, and asks now and then whether they do by now', () => {
    const peer = upWith();
    loop(peer, 3_100, none);
    expect(peer.session.status).toMatchObject({ echo: 'notReturned', requiredMinRxInterval: 300_000 });
    const before = peer.session.status.echoPacketsSent;
    loop(peer, 20_000, none);
    expect(peer.state).toBe('Up');
    const { echoPacketsSent } = peer.session.status;
    expect(echoPacketsSent - before).toBeGreaterThanOrEqual(19);
    expect(echoPacketsSent - before).toBeLessThanOrEqual(27);
    loop(peer, 2_000);
    expect([peer.state, peer.session.status.echo]).toEqual(['Up', 'active']);
    expect(peer.echoStates).toEqual(['probing', 'notReturned', 'active']);
  });

  it('says once that a path returns too few, however often one comes back', () => {
    const peer = upWith();
    loop(peer, 3_100, none);
    let sent = 0;
    loop(peer, 60_000, () => ++sent % 8 === 0);
    expect([peer.state, peer.session.status.echo]).toEqual(['Up', 'notReturned']);
    expect(peer.echoStates).toEqual(['probing', 'notReturned']);
    loop(peer, 2_000);
    expect(peer.echoStates).toEqual(['probing', 'notReturned', 'active']);
  });

  it('takes nothing for lost that did not leave', () => {
    const peer = upWith();
    loop(peer, 1_000);
    const { echoPacketsSent } = peer.session.status;
    peer.queueIsFull = true;
    loop(peer, 2_000);
    expect(peer.session.status).toMatchObject({ sessionState: 'Up', echo: 'active', echoPacketsSent });
    peer.queueIsFull = false;
    loop(peer, 300, none);
    expect(peer.state).toBe('Down 2');
  });

  it('fails once where the neighbor stops to return them, and then stays Up without', () => {
    const peer = upWith();
    loop(peer, 1_000);
    loop(peer, 200, none);
    expect(peer.state).toBe('Down 2');
    peer.say({ state: 'Down', diagnostic: 3, desiredMinTxInterval: 1_000_000, ...TAKES_ECHO });
    loop(peer, 60_000, none);
    expect([peer.state, peer.session.status.echo]).toEqual(['Up', 'notReturned']);
    expect(peer.session.status.downCount).toBe(1);
  });

  it('stops as soon as the neighbor takes no more', () => {
    const peer = upWith();
    loop(peer, 1_000);
    peer.say({ state: 'Up', desiredMinTxInterval: 300_000 });
    peer.echoes.length = 0;
    expect(peer.session.status).toMatchObject({ echo: 'off', requiredMinRxInterval: 300_000 });
    peer.keepAlive(1_000, 100);
    expect([peer.echoes, peer.state]).toEqual([[], 'Up']);
  });

  it.each([
    ['asks for Demand mode', (peer: ScriptedPeer) => void peer.say({ state: 'Up', demand: true, ...TAKES_ECHO })],
    ['goes Down', (peer: ScriptedPeer) => void peer.say({ state: 'Down', ...TAKES_ECHO })],
    ['is AdminDown', (peer: ScriptedPeer) => void peer.say({ state: 'AdminDown', ...TAKES_ECHO })],
    ['loses its path', (peer: ScriptedPeer) => peer.session.pathDown()],
    ['is disabled here', (peer: ScriptedPeer) => peer.session.disable()],
    ['gets another profile', (peer: ScriptedPeer) => peer.session.update({ ...peer.config, echoInterval: null })],
    ['is closed', (peer: ScriptedPeer) => peer.session.close()],
  ])('stops at once where the session or its neighbor %s', (_, stop) => {
    const peer = upWith();
    loop(peer, 1_000);
    stop(peer);
    peer.echoes.length = 0;
    peer.clock.advance(200);
    expect([peer.session.status.echo, peer.echoes]).toEqual(['off', []]);
  });

  it('goes on with another interval, and needs no other proof', () => {
    const peer = upWith();
    loop(peer, 1_000);
    peer.session.update({ ...peer.config, echoInterval: 200_000 });
    loop(peer, 2_000);
    expect([peer.state, peer.session.status.echo]).toEqual(['Up', 'active']);
    const { echoPacketsSent } = peer.session.status;
    loop(peer, 2_000);
    expect(peer.session.status.echoPacketsSent - echoPacketsSent).toBeLessThanOrEqual(14);
  });

  it('takes no packet that it did not send, none twice and none of another session', () => {
    const peer = upWith();
    peer.clock.advance(100);
    const octets = peer.echoes.at(-1) as Uint8Array;
    expect(parseEcho(octets)?.discriminator).toBe(OUR_DISCRIMINATOR);
    const guessed = octets.slice();
    guessed[15] = (guessed[15] as number) ^ 1;
    const foreign = octets.slice();
    foreign[3] = 0x99;
    expect(
      [guessed, foreign, octets.subarray(1), octets, octets].map((each) => peer.session.receiveEcho(each)),
    ).toEqual([false, false, false, true, false]);
  });

  it('is proven anew by another thread, which expects no more than the neighbor was last asked for', () => {
    const peer = upWith();
    loop(peer, 1_000);
    const { snapshot } = peer.session;
    expect(snapshot?.held.requiredMinRx).toBe(1_000_000);
    peer.session.close();
    const next = new ScriptedPeer(ECHO, counting()).start(snapshot);
    // The neighbor sends once a second until it has answered the Poll for 300 ms.
    next.clock.advance(990);
    next.say({ state: 'Up', desiredMinTxInterval: 300_000, ...TAKES_ECHO });
    expect(next.last).toMatchObject({ poll: true, requiredMinRxInterval: 300_000 });
    expect(next.session.status).toMatchObject({ sessionState: 'Up', echo: 'probing', detectionTimeMs: 3_000 });
    next.say({ state: 'Up', desiredMinTxInterval: 300_000, ...TAKES_ECHO, final: true });
    expect(next.session.status).toMatchObject({ polling: false, detectionTimeMs: 900 });
    loop(next, 1_000);
    expect(next.session.status).toMatchObject({ sessionState: 'Up', downCount: 0, echo: 'active' });
  });
});
