import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SessionStatus, StateChange } from '../../bfd/session.ts';
import type { Ip } from '../../net/ip.ts';
import { BFD_CAUSES, type BfdFacts, bfdCauseOf, describeChange } from './bfd-cause.ts';

const REMOTE: Ip = { family: 4, value: 0xc0a80101n };
const SINGLE_HOP = { type: 'singleHop', remote: REMOTE, local: null, interfaceIndex: 2 } as const;
const MULTIHOP = { type: 'multihop', remote: REMOTE, local: null, minimumTtl: 254 } as const;
const STATUS = { remoteDiscr: 0, lastBadTtl: null } as SessionStatus;
const FACTS: BfdFacts = {
  peerAddress: '192.168.1.1',
  passive: false,
  waitsForBgp: false,
  path: SINGLE_HOP,
  state: 'Down',
  problem: null,
  refused: null,
  status: STATUS,
  lastChange: null,
};
const went = (localDiag: number, over: Partial<StateChange> = {}): StateChange => ({
  from: 'Up',
  to: 'Down',
  localDiag,
  remoteSessionState: 'Up',
  remoteDiag: 0,
  ...over,
});

type Row = readonly [Partial<BfdFacts>, string, RegExp];
const ROWS: readonly Row[] = [
  [{ path: null }, 'noLocalAddress', /no route to 192\.168\.1\.1/],
  [{ refused: 'a session with this neighbor is there' }, 'notPossible', /is there$/],
  [{ problem: { syscall: 'bind', code: 'EADDRINUSE' } }, 'portTaken', /UDP port 3784 of this node is taken/],
  [{ path: MULTIHOP, problem: { syscall: 'bind', code: 'EADDRINUSE' } }, 'portTaken', /UDP port 4784/],
  [{ problem: { syscall: 'sendto', code: 'ENETUNREACH' } }, 'socketFailed', /sendto: ENETUNREACH/],
  [
    { waitsForBgp: true, state: 'AdminDown' },
    'bgpNotUp',
    /when the BGP session is first Established, or ten seconds after the start$/,
  ],
  [{ path: MULTIHOP, status: { ...STATUS, lastBadTtl: 64 } }, 'ttlTooLow', /with TTL 64, and minimumTtl .* is 254$/],
  [{}, 'noPacket', /UDP port 3784$/],
  [{ status: null }, 'noPacket', /UDP port 3784$/],
  [{ passive: true }, 'noPacket', /passiveMode waits for the first$/],
  [{ lastChange: went(3, { remoteSessionState: 'AdminDown' }) }, 'routerAdminDown', /shut down on 192\.168\.1\.1/],
  [{ lastChange: went(1) }, 'detectionTimeExpired', /for the detection time$/],
  [{ lastChange: went(2) }, 'echoFailed', /no BFD Echo packet came back from 192\.168\.1\.1/],
  [{ lastChange: went(3) }, 'routerSaysDown', /says that BFD is down$/],
  [{ lastChange: went(5) }, 'pathDown', /link to 192\.168\.1\.1 is down$/],
  [{ lastChange: went(4) }, 'routerSaysDown', /Forwarding Plane Reset/],
  [
    { state: 'Init', status: { ...STATUS, remoteDiscr: 7 }, lastChange: went(1, { from: 'Down', to: 'Init' }) },
    'handshake',
    /handshake/,
  ],
  [{ status: { ...STATUS, remoteDiscr: 7 } }, 'handshake', /handshake/],
];

describe('why BFD is not Up', () => {
  it.each(ROWS.map(([facts, cause, message]) => ({ facts, cause, message })))(
    '$cause: $message',
    ({ facts, cause, message }) => {
      const said = bfdCauseOf({ ...FACTS, ...facts });
      expect(said).toMatchObject({ cause, message: expect.stringMatching(message) });
      expect(said?.help).not.toBe('');
    },
  );

  it('has nothing to say of a session that is Up', () => {
    expect(bfdCauseOf({ ...FACTS, state: 'Up' })).toBeNull();
  });

  it('has a row here for each cause, and each is in the reference', () => {
    expect([...new Set(ROWS.map(([, cause]) => cause))].sort()).toEqual([...BFD_CAUSES].sort());
    const reference = readFileSync(join(import.meta.dirname, '../../../docs/reference/bfd.md'), 'utf8');
    const section = reference.split('## Why a session is not Up')[1]?.split('\n## ')[0] ?? '';
    expect([...section.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1])).toEqual([...BFD_CAUSES]);
  });

  it('names the diagnostic, and the one of a router that tells of its own', () => {
    expect(describeChange(went(1))).toBe('Control Detection Time Expired');
    expect(describeChange(went(3, { remoteDiag: 1 }))).toBe(
      'Neighbor Signaled Session Down, whose own diagnostic is Control Detection Time Expired',
    );
  });
});
