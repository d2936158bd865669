import { expect, it } from 'vitest';
import type { Peer } from '../../config/peer.ts';
import type { SessionNews } from '../session.ts';
import type { SessionCause } from '../session-cause.ts';
import { sessionEventOf } from './session-events.ts';

const peer = (peerAddress: Peer['peerAddress']) => ({
  peer: { name: 'r1', peerAddress, peerPort: 179 } as Partial<Peer> as Peer,
});
const ROUTER = peer({ family: 4, value: 0xc0_00_02_01n } as NonNullable<Peer['peerAddress']>);
const CAUSE: SessionCause = { cause: 'refused', message: 'it refused', help: 'check it', evidence: 'counters' };

it('tells of what came up and of what went down, with cause and remedy', () => {
  const of = (news: SessionNews) => sessionEventOf('node1', ROUTER, news);
  expect(of({ type: 'up', holdTimeSeconds: 90, keepaliveSeconds: 30 })).toEqual({
    type: 'Normal',
    reason: 'SessionUp',
    message: 'BGP session of node "node1" with 192.0.2.1 port 179 is Established, hold time 90 s',
  });
  expect(of({ type: 'down', cause: CAUSE })).toEqual({
    type: 'Warning',
    reason: 'SessionDown',
    message: 'BGP session of node "node1" with 192.0.2.1 port 179 went down: it refused (check it)',
  });
  expect(of({ type: 'failed', cause: CAUSE })).toEqual({
    type: 'Warning',
    reason: 'SessionError',
    message: 'BGP session of node "node1" with 192.0.2.1 port 179 is not up: it refused (check it)',
  });
});

it('tells nothing of what an attempt goes through, nor of routes', () => {
  expect(sessionEventOf('node1', ROUTER, { type: 'state', from: 'Idle', to: 'Connect' })).toBeNull();
  expect(sessionEventOf('node1', ROUTER, { type: 'routesSent' })).toBeNull();
});

it('names a router without an address by its peer', () => {
  expect(sessionEventOf('node1', peer(null), { type: 'failed', cause: CAUSE })?.message).toMatch(
    / with r1 is not up: /,
  );
});
