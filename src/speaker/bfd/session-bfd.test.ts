import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sessionsOf } from '../../announce/sessions.ts';
import { RouteTables } from '../../bgp/route-tables.ts';
import type { BfdProfile } from '../../config/bfd-profile.ts';
import type { Peer } from '../../config/peer.ts';
import { createLogger } from '../../io/logger.ts';
import { ip, node, peer } from '../../plan/testing/fixture.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { type SessionNews, SpeakerSession } from '../session.ts';
import { BfdStandIn } from '../testing/bfd-stand-in.ts';
import { NO_TRANSPORT_MAP } from '../transport-map.ts';
import { SessionBfd } from './session-bfd.ts';

const NODE_ADDRESS = '127.0.0.10';
const NODE = node('node1', NODE_ADDRESS);
/** Nobody listens there, and who dials is refused at once. */
const ROUTER = '127.0.0.1';
const PROFILE: BfdProfile = {
  name: 'production-bfd',
  receiveIntervalMs: 300,
  transmitIntervalMs: 300,
  detectMultiplier: 3,
  echoIntervalMs: null,
  echoMode: true,
  passiveMode: false,
  minimumTtl: 254,
};

let clock: VirtualClock;
let bfd: BfdStandIn;
let news: SessionNews[];
let lines: { readonly event?: string; readonly [field: string]: unknown }[];
let route: string | null;
let sessions: SpeakerSession[];

beforeEach(() => {
  clock = new VirtualClock();
  bfd = new BfdStandIn();
  news = [];
  lines = [];
  sessions = [];
  route = '127.0.0.10';
});

afterEach(async () => {
  await Promise.all(sessions.map((session) => session.stop('shutdown')));
});

const wanted = (over: Partial<Peer> = {}, profile: BfdProfile | null = PROFILE) => {
  const one = peer('router-a', ROUTER, { peerPort: 1, bfdProfile: 'production-bfd', ...over });
  const [session] = sessionsOf(
    NODE,
    { peers: [one], bfdProfiles: profile === null ? [] : [profile] },
    { nodeSelectors: 'All' },
  );
  if (session === undefined) throw new Error('no session');
  return session;
};

function started(over: Partial<Peer> = {}, profile: BfdProfile | null = PROFILE): SpeakerSession {
  const session = new SpeakerSession(wanted(over, profile), NODE, {
    clock,
    random: () => 0.5,
    log: createLogger('debug', { write: (line: string) => void lines.push(JSON.parse(line)) }),
    listeners: null,
    links: null,
    bfd,
    localAddressTowards: () => (route === null ? null : ip(route)),
    returnsEcho: () => false,
    tables: new RouteTables(),
    transportMap: NO_TRANSPORT_MAP,
    tcpCounters: () => null,
    onNews: (_, one) => void news.push(one),
  });
  sessions.push(session);
  session.start();
  return session;
}

const said = (event: string) => lines.filter((line) => line.event === event);

describe('BFD of a session', () => {
  it('runs from the start on, by the profile, and tells AdminDown until BGP is first up', () => {
    const session = started();
    expect(bfd.sessions).toHaveLength(1);
    expect(bfd.sessions[0]?.config).toMatchObject({
      desiredMinTxInterval: 300_000,
      requiredMinRxInterval: 300_000,
      detectMult: 3,
      passive: false,
      // Nobody here sends a router's Echo packets back, whatever the profile says.
      requiredMinEchoRxInterval: 0,
    });
    expect(bfd.sessions[0]?.options).toMatchObject({
      path: { type: 'singleHop', local: ip('127.0.0.10'), remote: ip(ROUTER) },
      onOwnAddress: false,
    });
    expect(session.bfd).toMatchObject({ cause: { cause: 'bgpNotUp' } });
    expect(bfd.asked).toEqual(['add 0', 'disable 0']);
    expect(session.engine.status.isHeld).toBe(false);
  });

  it('is not there without a profile, or with one that does not exist', () => {
    expect(started({ bfdProfile: null }).bfd).toBeNull();
    expect(started({ strictBFD: true }, null).engine.status.isHeld).toBe(false);
    expect(bfd.asked).toEqual([]);
  });

  it('waits for a route', () => {
    route = null;
    const session = started();
    expect(session.bfd?.cause?.cause).toBe('noLocalAddress');
    clock.advance(6_000);
    expect(bfd.asked).toEqual([]);
    route = '127.0.0.10';
    clock.advance(2_000);
    expect(bfd.asked).toEqual(['add 0', 'disable 0']);
  });

  it('gets another profile without a flap, and another path only where the path is another', () => {
    const session = started();
    bfd.becomes('Up');
    const adopt = (profile: BfdProfile | null) => expect(session.adopt(wanted({}, profile), NODE)).toBe(true);
    adopt(PROFILE);
    expect(bfd.asked).toEqual(['add 0', 'disable 0']);
    adopt({ ...PROFILE, transmitIntervalMs: 100 });
    expect(bfd.asked).toEqual(['add 0', 'disable 0', 'update 0']);
    expect(bfd.sessions[0]?.config.desiredMinTxInterval).toBe(100_000);
    // A single hop has no minimum TTL.
    adopt({ ...PROFILE, minimumTtl: 250 });
    expect(bfd.asked.filter((line) => line.startsWith('add'))).toHaveLength(1);
  });

  it('comes and goes with the profile, and leaves BGP alone', () => {
    const session = started({}, null);
    expect(session.adopt(wanted(), NODE)).toBe(true);
    bfd.becomes('Up');
    expect(session.adopt(wanted({}, null), NODE)).toBe(true);
    expect(bfd.asked).toEqual(['add 0', 'disable 0', 'remove 0']);
    expect(session.bfd).toBeNull();
    expect(said('sessionStopping')).toEqual([]);
  });

  it('ends with the session', async () => {
    const session = started();
    await session.stop('deconfigured');
    expect(bfd.asked).toEqual(['add 0', 'disable 0', 'remove 0']);
  });

  it('says each change, and each problem once', () => {
    const session = started({ strictBFD: true });
    bfd.sessions[0]?.observer.problem({ syscall: 'bind', code: 'EADDRINUSE' });
    bfd.sessions[0]?.observer.problem({ syscall: 'bind', code: 'EADDRINUSE' });
    expect(said('bfdProblem')).toMatchObject([{ level: 'warn', cause: 'portTaken', peer: 'router-a' }]);
    bfd.sessions[0]?.observer.problem(null);
    bfd.becomes('Up');
    clock.advance(60_000);
    bfd.becomes('Down', { localDiag: 1, remoteSessionState: 'Up' });
    expect(said('bfdUp')).toHaveLength(1);
    expect(said('bfdDown')).toMatchObject([
      {
        diagnostic: 'Control Detection Time Expired',
        cause: 'detectionTimeExpired',
        endsSession: true,
        level: 'warn',
      },
    ]);
    expect(news.filter(({ type }) => type === 'bfd').length).toBeGreaterThan(3);
    expect(session.bfd?.cause?.cause).toBe('detectionTimeExpired');
  });

  it('does not end a session where the router shuts BFD down', () => {
    started({ strictBFD: true });
    bfd.becomes('Up');
    bfd.becomes('Down', { localDiag: 3, remoteSessionState: 'AdminDown' });
    expect(said('bfdDown')).toMatchObject([{ cause: 'routerAdminDown', endsSession: false }]);
  });
});

describe('BFD that waits for BGP', () => {
  function waiting(): SessionBfd {
    const address = { remote: ip(ROUTER), source: null, peerAddress: ROUTER };
    const nothing = (): void => undefined;
    const surroundings = {
      clock,
      bfd,
      links: null,
      localAddressTowards: () => ip(NODE_ADDRESS),
      returnsEcho: () => false,
    };
    const session = new SessionBfd({ ...address, ebgpMultiHop: false, isStandIn: false }, surroundings, {
      log: () => createLogger('none', { write: nothing }),
      ...{ failed: nothing, recovered: nothing, changed: nothing },
    });
    session.configure(PROFILE, false);
    session.start();
    return session;
  }

  it('begins when the BGP session is first Established, and goes on when that ends', () => {
    const session = waiting();
    expect(bfd.asked).toEqual(['add 0', 'disable 0']);
    session.established(null);
    expect(session.view?.cause?.cause).toBe('noPacket');
    // Where the connection comes from another address the session is another, and begins at once.
    session.established(ip('127.0.0.11'));
    expect(bfd.asked).toEqual(['add 0', 'disable 0', 'enable 0', 'remove 0', 'add 1']);
  });

  it('begins after ten seconds in any case, for a router that waits for BFD', () => {
    const session = waiting();
    clock.advance(9_999);
    expect(bfd.asked).toEqual(['add 0', 'disable 0']);
    clock.advance(1);
    expect(session.view?.cause?.cause).toBe('noPacket');
    session.established(null);
    expect(bfd.asked).toEqual(['add 0', 'disable 0', 'enable 0']);
    const ended = waiting();
    ended.stop();
    clock.advance(60_000);
    expect(bfd.asked.slice(3)).toEqual(['add 1', 'disable 1', 'remove 1']);
  });

  it('begins at once where strictBFD comes, since BGP waits for it then', () => {
    const session = waiting();
    session.configure(PROFILE, true);
    expect(bfd.asked).toEqual(['add 0', 'disable 0', 'enable 0']);
    expect(session.view?.cause?.cause).toBe('noPacket');
  });

  it('does not wait where the profile comes to a session that is up', () => {
    const session = waiting();
    session.configure(null, false);
    session.established(null);
    session.configure(PROFILE, false);
    expect(bfd.asked).toEqual(['add 0', 'disable 0', 'remove 0', 'add 1']);
  });
});

describe('strictBFD', () => {
  it('holds the session back until BFD is Up, and says so', () => {
    const session = started({ strictBFD: true });
    expect(session.engine.status).toMatchObject({ state: 'Idle', isHeld: true });
    expect(session.cause).toMatchObject({ cause: 'bfdNotUp', message: expect.stringContaining('no BFD packet') });
    bfd.becomes('Up');
    expect(session.engine.status).toMatchObject({ state: 'Connect', isHeld: false });
    expect(session.cause?.cause).toBe('connecting');
  });

  it('comes into force, and goes, with the manifest', () => {
    const session = started({ strictBFD: true });
    expect(session.adopt(wanted(), NODE)).toBe(true);
    expect(session.engine.status).toMatchObject({ state: 'Connect', isHeld: false });
    expect(session.adopt(wanted({ strictBFD: true }), NODE)).toBe(true);
    expect(session.engine.status.isHeld).toBe(true);
  });
});
