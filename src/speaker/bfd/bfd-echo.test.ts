import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SessionStatus } from '../../bfd/session.ts';
import type { Ip } from '../../net/ip.ts';
import { ECHO_CAUSES, type EchoFacts, echoViewOf } from './bfd-echo.ts';

const REMOTE: Ip = { family: 4, value: 0xc0a80101n };
const LOCAL: Ip = { family: 4, value: 0xc0a8010an };
const PATH = { type: 'singleHop', remote: REMOTE, local: LOCAL, interfaceIndex: 2 } as const;
const MULTIHOP = { type: 'multihop', remote: REMOTE, local: LOCAL, minimumTtl: 254 } as const;
const STATUS = { remoteMinEchoRxInterval: 50_000, remoteDemandMode: false } as SessionStatus;
const FACTS: EchoFacts = {
  peerAddress: '192.168.1.1',
  path: PATH,
  state: 'Up',
  echo: 'off',
  problem: null,
  status: STATUS,
};

type Row = readonly [Partial<EchoFacts>, cause: string, message: RegExp, help: RegExp | null];
const ROWS: readonly Row[] = [
  [{ path: MULTIHOP }, 'severalHops', /RFC 5883/, /echoMode: false/],
  [{ path: { ...PATH, remote: { family: 6, value: 1n } } }, 'ipv6', /IPv4 alone/, /echoMode: false/],
  [{ path: { ...PATH, interfaceIndex: null } }, 'linkUnknown', /on which link/, null],
  [{ problem: { syscall: 'socket', code: 'EPERM' } }, 'socketFailed', /socket: EPERM/, /NET_RAW/],
  [{ problem: { syscall: 'bind', code: 'ENODEV' } }, 'socketFailed', /bind: ENODEV/, /check the interface/],
  [{ state: 'Down' }, 'sessionNotUp', /while the BFD session is Up/, null],
  [{ status: null }, 'sessionNotUp', /while the BFD session is Up/, null],
  [
    { status: { ...STATUS, remoteMinEchoRxInterval: 0 } },
    'routerTakesNone',
    /takes no Echo/,
    /let BFD on the router take/,
  ],
  [{ status: { ...STATUS, remoteDemandMode: true } }, 'demandMode', /asks for Demand mode/, null],
  [{}, 'noLinkAddress', /no link address of 192\.168\.1\.1/, /ip neigh/],
  [{ echo: 'probing' }, 'probing', /have to come back first/, null],
  [{ echo: 'notReturned' }, 'notReturned', /returns none/, /UDP port 3785/],
];

describe('why Echo packets do not watch the path', () => {
  it.each(ROWS.map((row, i) => [`${row[1]} (${i})`, ...row] as const))('%s', (_, facts, cause, message, help) => {
    const view = echoViewOf({ ...FACTS, ...facts });
    expect(view.state).toBe(facts.echo ?? 'off');
    expect(view.cause).toMatchObject({ cause, message: expect.stringMatching(message) });
    if (help === null) expect(view.cause?.help).toBeNull();
    else expect(view.cause?.help).toMatch(help);
  });

  it('is nothing where they do', () => {
    expect(echoViewOf({ ...FACTS, echo: 'active' })).toEqual({ state: 'active', cause: null });
  });

  it('has a row here for each cause, and each is in the reference', () => {
    expect([...new Set(ROWS.map(([, cause]) => cause))].sort()).toEqual([...ECHO_CAUSES].sort());
    const reference = readFileSync(join(import.meta.dirname, '../../../docs/reference/bfd.md'), 'utf8');
    const section = reference.split('\n## Echo\n')[1]?.split('\n## ')[0] ?? '';
    expect([...section.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1])).toEqual([...ECHO_CAUSES]);
  });
});
