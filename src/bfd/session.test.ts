import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../secret.ts';
import type { SessionSnapshot } from './session.ts';
import type { State } from './state.ts';
import { CONFIG, gapsOf, OUR_DISCRIMINATOR, ScriptedPeer, THEIR_DISCRIMINATOR } from './testing/scripted-peer.ts';

describe('coming up', () => {
  it('says Down once a second while nobody answers, with the slow interval (RFC 5880 section 6.8.3)', () => {
    const peer = new ScriptedPeer().start();
    peer.clock.advance(10_000);
    expect(peer.sent.length).toBe(11);
    expect(peer.last).toMatchObject({
      state: 'Down',
      poll: false,
      desiredMinTxInterval: 1_000_000,
      requiredMinRxInterval: 300_000,
      myDiscriminator: OUR_DISCRIMINATOR,
      yourDiscriminator: 0,
      detectMult: 3,
      controlPlaneIndependent: false,
      demand: false,
    });
    for (const gap of gapsOf(peer.sent)) expect(gap).toBeGreaterThan(999);
  });

  it('keeps an interval that is slower than the slow one', () => {
    const peer = new ScriptedPeer({ desiredMinTxInterval: 2_000_000 }).start();
    expect(peer.last.desiredMinTxInterval).toBe(2_000_000);
  });

  it('goes Down, Init, Up with a neighbor that does the same, and says each change at once', () => {
    const peer = new ScriptedPeer().start();
    peer.say();
    expect([peer.state, peer.last.state, peer.last.yourDiscriminator]).toEqual(['Init', 'Init', THEIR_DISCRIMINATOR]);
    peer.say({ state: 'Init' });
    expect([peer.state, peer.last.state]).toEqual(['Up', 'Up']);
    expect(peer.changes.map(({ from, to }) => `${from}->${to}`)).toEqual(['Down->Init', 'Init->Up']);
    expect(peer.changes.map(({ atMs }) => atMs)).toEqual([0, 0]);
  });

  it('speeds up with a Poll, and repeats it with each packet until a Final comes', () => {
    const peer = new ScriptedPeer().start();
    peer.say();
    peer.say({ state: 'Up' });
    expect(peer.last).toMatchObject({ state: 'Up', poll: true, desiredMinTxInterval: 300_000 });
    peer.forget();
    peer.clock.advance(900);
    expect(peer.sent.length).toBe(3); // by the new interval, and none beside (section 6.5)
    expect(peer.sent.every(({ poll, final }) => poll && !final)).toBe(true);
    peer.say({ state: 'Up', final: true });
    peer.clock.advance(300);
    expect(peer.last.poll).toBe(false);
  });

  it('polls for nothing where no interval has changed', () => {
    const peer = new ScriptedPeer({ desiredMinTxInterval: 1_000_000 }).up();
    expect(peer.sent.some(({ poll }) => poll)).toBe(false);
    expect(peer.state).toBe('Up');
  });

  it('as the passive side does not speak before it is spoken to, and is silent again once the neighbor is gone', () => {
    const peer = new ScriptedPeer({ passive: true }).start();
    peer.clock.advance(60_000);
    expect(peer.sent).toEqual([]);
    peer.say();
    expect(peer.sent.map(({ state }) => state)).toEqual(['Init']);
    peer.clock.advance(60_000);
    const { length } = peer.sent;
    peer.clock.advance(60_000);
    expect(peer.sent.length).toBe(length);
  });
});

describe('transmission (RFC 5880 sections 6.8.2 and 6.8.7)', () => {
  it.each([
    [10_000, 300],
    [50_000, 300],
    [1_000_000, 1_000],
    [5_000_000, 5_000],
  ])('is no faster than the neighbor takes it: Required Min RX %i', (requiredMinRxInterval, ms) => {
    const peer = new ScriptedPeer().up({ requiredMinRxInterval });
    expect(peer.session.status.transmitIntervalMs).toBe(ms);
    peer.forget();
    peer.keepAlive(20_000, 100, { requiredMinRxInterval });
    for (const gap of gapsOf(peer.sent)) expect(gap).toBeGreaterThanOrEqual(ms * 0.999);
    expect(peer.sent.length).toBeGreaterThanOrEqual(20_000 / ms - 1);
  });

  it('stops while the neighbor wants none, still answers its Polls, and goes on when it wants some', () => {
    const peer = new ScriptedPeer().up();
    peer.say({ state: 'Up', requiredMinRxInterval: 0 });
    peer.forget();
    peer.keepAlive(10_000, 500, { requiredMinRxInterval: 0 });
    expect(peer.sent).toEqual([]);
    peer.say({ state: 'Up', requiredMinRxInterval: 0, poll: true });
    expect(peer.sent).toMatchObject([{ final: true }]);
    peer.say({ state: 'Up', requiredMinRxInterval: 300_000 });
    peer.keepAlive(3_000, 300);
    expect(peer.sent.length).toBeGreaterThan(9);
  });

  it('jitters each interval between 75 and 100 %, evenly', () => {
    let seed = 1;
    const random = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    const peer = new ScriptedPeer({}, random).up();
    peer.forget();
    peer.keepAlive(300_000, 250);
    const gaps = gapsOf(peer.sent);
    expect(gaps.length).toBeGreaterThan(1_000);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(225 - 1e-6);
    for (const gap of gaps) expect(gap).toBeLessThan(300);
    for (const quarter of [0, 1, 2, 3]) {
      const from = 225 + quarter * 18.75 - 1e-6;
      const share = gaps.filter((gap) => gap >= from && gap < from + 18.75).length / gaps.length;
      expect(share).toBeCloseTo(0.25, 1);
    }
  });

  it.each([
    [0, 225],
    [0.999_999, 270],
  ])('jitters between 75 and 90 %% where Detect Mult is 1', (random, ms) => {
    const peer = new ScriptedPeer({ detectMult: 1 }, () => random).up();
    peer.forget();
    peer.keepAlive(3_000, 100);
    for (const gap of gapsOf(peer.sent)) expect(gap).toBeCloseTo(ms, 2);
  });

  it('comes by the new interval as soon as the neighbor asks for another one', () => {
    const peer = new ScriptedPeer().up({ requiredMinRxInterval: 60_000_000 });
    peer.keepAlive(5_000, 500, { requiredMinRxInterval: 60_000_000 });
    peer.forget();
    peer.say({ state: 'Up', requiredMinRxInterval: 50_000 });
    peer.clock.advance(0);
    expect(peer.sent.length).toBe(1);
  });
});

describe('detection (RFC 5880 section 6.8.4)', () => {
  it.each([
    // their Detect Mult, their Desired Min TX, our Required Min RX, milliseconds
    [3, 300_000, 300_000, 900],
    [5, 300_000, 300_000, 1_500],
    [3, 1_000_000, 300_000, 3_000],
    [3, 10_000, 50_000, 150],
    [1, 50_000, 50_000, 50],
  ])('takes %i of the greater of %i and %i', (detectMult, desiredMinTxInterval, requiredMinRxInterval, ms) => {
    const peer = new ScriptedPeer({ requiredMinRxInterval }).up({ detectMult, desiredMinTxInterval });
    expect(peer.session.status.detectionTimeMs).toBe(ms);
    peer.clock.advance(ms - 0.001);
    expect(peer.state).toBe('Up');
    peer.clock.advance(0.001);
    expect(peer.state).toBe('Down 1');
    expect(peer.last).toMatchObject({ state: 'Down', diagnostic: 1, desiredMinTxInterval: 1_000_000, poll: false });
    expect(peer.changes.at(-1)).toMatchObject({ from: 'Up', to: 'Down', localDiag: 1, remoteSessionState: 'Up' });
  });

  it('tells the neighbor by its discriminator once, and then forgets it (section 6.8.1)', () => {
    const peer = new ScriptedPeer().up();
    peer.clock.advance(900);
    expect(peer.last.yourDiscriminator).toBe(THEIR_DISCRIMINATOR);
    expect(peer.session.status).toMatchObject({ remoteDiscr: 0, remoteMinRxInterval: 1, detectionTimeMs: null });
    peer.clock.advance(1_000);
    expect(peer.last).toMatchObject({ state: 'Down', yourDiscriminator: 0 });
  });

  it('keeps the discriminator for a Detection Time where the neighbor has said that it is Down', () => {
    const peer = new ScriptedPeer().up();
    peer.say();
    expect(peer.state).toBe('Down 3');
    peer.clock.advance(2_999);
    expect(peer.last.yourDiscriminator).toBe(THEIR_DISCRIMINATOR);
    peer.clock.advance(1_001);
    expect(peer.last.yourDiscriminator).toBe(0);
  });

  it('also ends Init, and a neighbor that asked for silence is not met with silence for good', () => {
    const peer = new ScriptedPeer().start();
    peer.say({ requiredMinRxInterval: 0 });
    expect(peer.state).toBe('Init');
    peer.clock.advance(3_000);
    expect(peer.state).toBe('Down 1');
    peer.forget();
    peer.clock.advance(5_000);
    expect(peer.sent.length).toBeGreaterThanOrEqual(5);
  });

  it('first reads what has arrived: a thread that was held up calls nobody dead', () => {
    const peer = new ScriptedPeer().up();
    peer.pending = () => peer.session.receive(...lateUp(peer));
    peer.clock.advance(900);
    expect(peer.state).toBe('Up');
    peer.pending = null;
    peer.clock.advance(900);
    expect(peer.state).toBe('Down 1');
  });

  it('never comes before a session has heard of its neighbor', () => {
    const peer = new ScriptedPeer().start();
    peer.clock.advance(3_600_000);
    expect(peer.changes).toEqual([]);
  });

  it('keeps the diagnostic until the session is Up again', () => {
    const peer = new ScriptedPeer().up();
    peer.clock.advance(900);
    peer.say();
    expect(peer.state).toBe('Init 1');
    peer.say({ state: 'Init' });
    expect(peer.state).toBe('Up');
  });
});

function lateUp(peer: ScriptedPeer): Parameters<ScriptedPeer['session']['receive']> {
  const packet = { ...peer.last, state: 'Up' as const, poll: false, desiredMinTxInterval: 300_000 };
  return [new Uint8Array(24), { ...packet, myDiscriminator: THEIR_DISCRIMINATOR, authenticationPresent: false }];
}

describe('the neighbor', () => {
  it('that says Down takes the session down at once', () => {
    const peer = new ScriptedPeer().up();
    peer.say({ diagnostic: 1 });
    expect(peer.changes.at(-1)).toMatchObject({ to: 'Down', localDiag: 3, remoteSessionState: 'Down', remoteDiag: 1 });
    expect(peer.last).toMatchObject({ state: 'Down', diagnostic: 3 });
  });

  it('that says AdminDown as well, and can be told from one that failed (RFC 5882 section 3.2)', () => {
    const peer = new ScriptedPeer().up();
    peer.say({ state: 'AdminDown', diagnostic: 7 });
    expect(peer.changes.at(-1)).toMatchObject({ localDiag: 3, remoteSessionState: 'AdminDown', remoteDiag: 7 });
    peer.keepAlive(5_000, 500, { state: 'AdminDown' });
    expect(peer.state).toBe('Down 3');
    peer.say();
    expect(peer.state).toBe('Init 3');
  });

  it('may change its discriminator (section 6.3)', () => {
    const peer = new ScriptedPeer().up();
    peer.say({ state: 'Up', myDiscriminator: 0x33 });
    peer.clock.advance(300);
    expect([peer.state, peer.last.yourDiscriminator]).toEqual(['Up', 0x33]);
  });

  it('that polls is answered at once, without the P bit, and the periodic packets go on as before', () => {
    const peer = new ScriptedPeer().up();
    peer.keepAlive(1_000, 100);
    peer.forget();
    peer.clock.advance(50);
    peer.say({ state: 'Up', poll: true });
    expect(peer.sent).toMatchObject([{ poll: false, final: true, state: 'Up' }]);
  });

  it('that polls while we poll gets a Final without the P bit; our own Poll goes on', () => {
    const peer = new ScriptedPeer().start();
    peer.say();
    peer.say({ state: 'Up', poll: true });
    expect(peer.last).toMatchObject({ state: 'Up', poll: false, final: true, desiredMinTxInterval: 300_000 });
    peer.clock.advance(300);
    expect(peer.last).toMatchObject({ poll: true, final: false });
  });

  it('that floods us with Polls gets no flood of Finals', () => {
    const peer = new ScriptedPeer().up();
    peer.forget();
    for (let i = 0; i < 10_000; i++) {
      peer.clock.advance(0.1);
      peer.say({ state: 'Up', poll: true, desiredMinTxInterval: 300_000 });
    }
    expect(peer.sent.filter(({ final }) => final).length).toBeLessThan(15);
  });

  it('that polls as fast as it may is answered every time', () => {
    const peer = new ScriptedPeer({ requiredMinRxInterval: 50_000, desiredMinTxInterval: 1_000_000 }).up();
    peer.forget();
    for (let i = 0; i < 100; i++) {
      peer.clock.advance(37.5);
      peer.say({ state: 'Up', poll: true, desiredMinTxInterval: 50_000 });
    }
    expect(peer.sent.filter(({ final }) => final).length).toBe(100);
  });

  it('in Demand mode gets no periodic packets while both are Up, but Polls until they are answered (section 6.6)', () => {
    const peer = new ScriptedPeer().up();
    peer.say({ state: 'Up', demand: true });
    peer.forget();
    peer.keepAlive(5_000, 500, { demand: true });
    expect(peer.sent).toEqual([]);
    peer.session.update({ ...CONFIG, desiredMinTxInterval: 500_000 });
    peer.keepAlive(1_500, 500, { demand: true });
    expect(peer.sent.length).toBeGreaterThanOrEqual(3);
    expect(peer.sent.every(({ poll, demand }) => poll && !demand)).toBe(true);
    peer.say({ state: 'Up', demand: true, final: true });
    peer.forget();
    peer.keepAlive(5_000, 500, { demand: true });
    expect(peer.sent).toEqual([]);
    peer.say({ state: 'Up' });
    peer.keepAlive(1_500, 500);
    expect(peer.sent.length).toBeGreaterThanOrEqual(3);
  });
});

describe('changes of parameters (RFC 5880 section 6.8.3)', () => {
  it('slower: transmits as before until a Final has come, and no session goes down', () => {
    const peer = new ScriptedPeer().up();
    peer.session.update({ ...CONFIG, desiredMinTxInterval: 1_000_000 });
    peer.keepAlive(300, 100);
    expect(peer.last).toMatchObject({ poll: true, desiredMinTxInterval: 1_000_000 });
    expect(peer.session.status.transmitIntervalMs).toBe(300);
    peer.say({ state: 'Up', desiredMinTxInterval: 300_000, final: true });
    expect(peer.session.status.transmitIntervalMs).toBe(1_000);
    expect(peer.changes.at(-1)?.to).toBe('Up');
  });

  it('an earlier expiry waits for the Final: the neighbor still sends by the old interval', () => {
    const peer = new ScriptedPeer().up({ desiredMinTxInterval: 50_000 });
    peer.session.update({ ...CONFIG, requiredMinRxInterval: 50_000 });
    expect(peer.session.status.detectionTimeMs).toBe(900);
    peer.keepAlive(600, 300, { desiredMinTxInterval: 50_000 });
    expect(peer.state).toBe('Up');
    peer.say({ state: 'Up', desiredMinTxInterval: 50_000, final: true });
    expect(peer.session.status.detectionTimeMs).toBe(150);
  });

  it('a later expiry holds at once', () => {
    const peer = new ScriptedPeer().up();
    peer.session.update({ ...CONFIG, requiredMinRxInterval: 1_000_000 });
    peer.clock.advance(2_999);
    expect(peer.state).toBe('Up');
    peer.clock.advance(1);
    expect(peer.state).toBe('Down 1');
  });

  it('Detect Mult is said with the next packet, and needs no Poll (section 6.8.12)', () => {
    const peer = new ScriptedPeer().up();
    peer.session.update({ ...CONFIG, detectMult: 10 });
    peer.clock.advance(300);
    expect(peer.last).toMatchObject({ detectMult: 10, poll: false });
  });
});

describe('administration (RFC 5880 section 6.8.16)', () => {
  it('AdminDown is said at once and again, moves for nobody, still answers Polls, and ends as Down', () => {
    const peer = new ScriptedPeer().up();
    peer.session.disable();
    expect(peer.last).toMatchObject({ state: 'AdminDown', diagnostic: 7, yourDiscriminator: THEIR_DISCRIMINATOR });
    peer.forget();
    for (let i = 0; i < 30; i++) {
      peer.clock.advance(100);
      expect(peer.say({ state: i % 2 === 0 ? 'Up' : 'Down' })).toBe('administrativelyDown');
    }
    expect(peer.state).toBe('AdminDown 7');
    expect(peer.sent.length).toBeGreaterThanOrEqual(2);
    expect(peer.session.adminDownMs).toBeGreaterThanOrEqual(900);
    peer.say({ state: 'Up', poll: true });
    expect(peer.last).toMatchObject({ state: 'AdminDown', final: true });
    peer.session.enable();
    expect(peer.state).toBe('Down');
    peer.say({ state: 'Init' });
    expect(peer.state).toBe('Up');
  });

  it('a path that something else has seen fail takes the session down with Path Down, where it was coming or up', () => {
    const peer = new ScriptedPeer().start();
    peer.session.pathDown();
    expect(peer.changes).toEqual([]);
    peer.up().session.pathDown();
    expect(peer.state).toBe('Down 5');
  });

  it('a closed session sends nothing, takes nothing and never fires', () => {
    const peer = new ScriptedPeer().up();
    peer.session.close();
    peer.forget();
    peer.say({ state: 'Down', poll: true });
    peer.clock.advance(60_000);
    expect([peer.sent, peer.changes.at(-1)?.to]).toEqual([[], 'Up']);
  });

  it('the C bit is what the owner says', () => {
    expect(new ScriptedPeer().start().last.controlPlaneIndependent).toBe(false);
    expect(new ScriptedPeer({ controlPlaneIndependent: true }).start().last.controlPlaneIndependent).toBe(true);
  });
});

describe('going on in another thread', () => {
  it('is Up from the first packet on, with what was agreed, and expires a Detection Time after it began', () => {
    const first = new ScriptedPeer().up();
    const snapshot = first.session.snapshot as SessionSnapshot;
    const next = new ScriptedPeer().start(snapshot);
    expect(next.last).toMatchObject({
      state: 'Up',
      poll: false,
      yourDiscriminator: THEIR_DISCRIMINATOR,
      desiredMinTxInterval: 300_000,
    });
    expect(next.changes).toEqual([]);
    next.keepAlive(5_000, 300);
    expect([next.state, next.session.status.transmitIntervalMs]).toEqual(['Up', 300]);
    next.clock.advance(900);
    expect(next.state).toBe('Down 1');
  });

  it('is of no use where the session was not coming up', () => {
    expect(new ScriptedPeer().start().session.snapshot).toBeNull();
  });
});

describe('authentication', () => {
  const authentication = {
    type: 'meticulousKeyedSha1',
    keys: [{ id: 1, secret: new Secret('swordfish') }],
    sendKeyId: 1,
  } as const;

  it('signs what it sends, and drops what is not signed without a change of state', () => {
    const peer = new ScriptedPeer({ authentication }).start();
    expect(peer.last).toMatchObject({ authenticationPresent: true, length: 52 });
    expect(peer.say()).toBe('missingAuthentication');
    expect(peer.state).toBe('Down');
    expect(peer.session.status.packetsDropped).toEqual({ missingAuthentication: 1 });
  });

  it('drops what is signed where it is not meant to be', () => {
    const signing = new ScriptedPeer({ authentication }).start();
    const plain = new ScriptedPeer().start();
    expect(plain.session.receive(new Uint8Array(52), { ...signing.last })).toBe('unexpectedAuthentication');
    expect(plain.state).toBe('Down');
  });
});

it('is the same whether it knows a packet by sight or reads each anew', () => {
  const packet = fc.record({
    state: fc.constantFrom<State>('Up', 'Up', 'Up', 'Init', 'Down', 'AdminDown'),
    poll: fc.nat(9).map((n) => n === 0),
    final: fc.nat(9).map((n) => n === 0),
    requiredMinRxInterval: fc.constantFrom(300_000, 300_000, 50_000, 0),
  });
  const step = fc.oneof(
    { weight: 9, arbitrary: fc.record({ packet, times: fc.integer({ min: 1, max: 5 }), afterMs: fc.nat(400) }) },
    { weight: 1, arbitrary: fc.record({ detectMult: fc.integer({ min: 1, max: 5 }), afterMs: fc.nat(2_000) }) },
    {
      weight: 1,
      arbitrary: fc.record({ method: fc.constantFrom('disable', 'enable', 'pathDown'), afterMs: fc.nat(400) }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const [bySight, anew] = [true, false].map((shortcut) => {
        const peer = new ScriptedPeer({ desiredMinTxInterval: 100_000 });
        peer.bySight = shortcut;
        peer.up();
        for (const each of steps) {
          if ('packet' in each) for (let i = 0; i < each.times; i++) peer.say(each.packet);
          else if ('method' in each) peer.session[each.method as 'disable' | 'enable' | 'pathDown']();
          else peer.session.update({ ...CONFIG, detectMult: each.detectMult });
          peer.clock.advance(each.afterMs);
        }
        return { sent: peer.sent, changes: peer.changes, status: peer.session.status };
      });
      expect(bySight).toEqual(anew);
    }),
    { seed: 5880, numRuns: 300 },
  );
});
