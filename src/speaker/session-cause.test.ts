import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { State } from '../bgp/fsm.ts';
import { CeaseSubcode, ErrorCode, IPV4_UNICAST, OpenSubcode } from '../bgp/packet/constants.ts';
import { cease, type Notification, notification } from '../bgp/packet/notification.ts';
import type { DownReason } from '../bgp/peer-types.ts';
import { maximumPrefixesReached } from '../bgp/prefix-limit.ts';
import type { TcpCounters } from '../io/linux/tcp-counters.ts';
import { causeBeforeFailure, causeOf, SESSION_CAUSES, type SessionFacts } from './session-cause.ts';

const FACTS: SessionFacts = {
  peerAddress: '192.168.1.1',
  peerPort: 179,
  myASN: 64513,
  peerASN: 64512,
  holdTimeSeconds: 90,
  sourceAddress: '192.168.1.99',
  md5: false,
  ttlSecurityHops: null,
  maxPrefixes: 100,
};
const NOTHING: TcpCounters = { md5Failure: 0, md5NotFound: 0, md5Unexpected: 0, minTtlDrop: 0 };

const failed = (code: string): DownReason => ({ type: 'connectFailed', failure: { code, message: code } });
const receivedAs = (n: Notification, state: State = 'OpenSent'): DownReason => ({
  type: 'notificationReceived',
  notification: n,
  state,
});
const received = (code: number, subcode: number): DownReason => receivedAs(notification(code, subcode));
const sent = (code: number, subcode: number, detail: string, state: State = 'OpenSent'): DownReason => ({
  type: 'notificationSent',
  notification: notification(code, subcode),
  state,
  detail,
});
const closed = (state: State, code: string | null): DownReason => ({
  type: 'connectionClosed',
  state,
  failure: code === null ? null : { code, message: code },
});

/** What happened, what is configured, what the kernel counted; the cause, and what its message says. */
type Row = readonly [DownReason, Partial<SessionFacts>, Partial<TcpCounters>, string, RegExp];
const KEY = { md5: true };
const GTSM = { ttlSecurityHops: 1 };

const ROWS: readonly Row[] = [
  [failed('EHOSTUNREACH'), {}, {}, 'unreachable', /EHOSTUNREACH/],
  [failed('ENETUNREACH'), {}, {}, 'unreachable', /ENETUNREACH/],
  [closed('Established', 'EHOSTUNREACH'), {}, {}, 'unreachable', /EHOSTUNREACH/],
  [
    { type: 'linkDown', state: 'Established', detail: 'eth0 has no carrier' },
    {},
    {},
    'linkDown',
    /eth0 has no carrier$/,
  ],
  [failed('EADDRNOTAVAIL'), {}, {}, 'sourceAddressMissing', /192\.168\.1\.99/],
  [failed('ECONNREFUSED'), {}, {}, 'refused', /192\.168\.1\.1 port 179 refused/],
  [failed('ETIMEDOUT'), {}, {}, 'noAnswer', /^no answer from 192\.168\.1\.1 port 179$/],
  [failed('ETIMEDOUT'), {}, { md5Failure: 1, md5NotFound: 1 }, 'noAnswer', /^no answer/],
  [closed('Established', 'ETIMEDOUT'), {}, {}, 'noAnswer', /no longer answers/],
  [failed('ETIMEDOUT'), KEY, {}, 'noAnswerWithMd5Key', /no answer .*; an MD5 key is configured$/],
  [failed('ETIMEDOUT'), KEY, { md5Unexpected: 1 }, 'noAnswerWithMd5Key', /an MD5 key is configured$/],
  [failed('ETIMEDOUT'), KEY, { md5Failure: 3 }, 'md5CountersMoved', /an MD5 key is configured, and this node drops/],
  [failed('ETIMEDOUT'), KEY, { md5NotFound: 3 }, 'md5CountersMoved', /for their signature$/],
  [failed('ETIMEDOUT'), {}, { md5Unexpected: 3 }, 'md5CountersMoved', /no MD5 key is configured/],
  [sent(4, 0, '', 'Established'), KEY, { md5Failure: 1 }, 'md5CountersMoved', /nothing is heard/],
  [failed('ECONNREFUSED'), KEY, { md5Failure: 3 }, 'refused', /refused/],
  [failed('ETIMEDOUT'), GTSM, { minTtlDrop: 1 }, 'ttlDropped', /TTL of 255 or more, which ttlSecurityHops 1/],
  [sent(4, 0, '', 'OpenSent'), { ttlSecurityHops: 2 }, { minTtlDrop: 1 }, 'ttlDropped', /TTL of 254/],
  [failed('ETIMEDOUT'), {}, { minTtlDrop: 1 }, 'noAnswer', /no answer/],
  [closed('OpenSent', null), {}, {}, 'closedByPeer', /in OpenSent without a NOTIFICATION$/],
  [closed('Established', 'ECONNRESET'), {}, {}, 'closedByPeer', /in Established without a NOTIFICATION$/],
  [sent(4, 0, '', 'OpenSent'), {}, {}, 'noOpen', /never sent its OPEN/],
  [received(2, OpenSubcode.BadPeerAs), {}, {}, 'asMismatch', /AS 64512 .*our AS 64513/],
  [sent(2, OpenSubcode.BadPeerAs, 'it says 64999'), {}, {}, 'asMismatch', /64512.*64999/],
  [received(2, OpenSubcode.UnacceptableHoldTime), {}, {}, 'holdTimeRefused', /90 s/],
  [sent(2, OpenSubcode.UnacceptableHoldTime, '1 s'), {}, {}, 'holdTimeRefused', /1 s/],
  [received(2, OpenSubcode.BadBgpIdentifier), {}, {}, 'routerIDClash', /our router ID/],
  [sent(2, OpenSubcode.BadBgpIdentifier, 'ours'), {}, {}, 'routerIDClash', /ours/],
  [received(2, OpenSubcode.UnsupportedCapability), {}, {}, 'capabilityMismatch', /Unsupported Capability/],
  [received(2, OpenSubcode.UnsupportedOptionalParameter), {}, {}, 'capabilityMismatch', /Optional Parameter/],
  [sent(2, OpenSubcode.UnsupportedCapability, 'no family'), {}, {}, 'capabilityMismatch', /no family/],
  [receivedAs(maximumPrefixesReached(IPV4_UNICAST, 7)), {}, {}, 'maxPrefixes', /no more prefixes of us than 7/],
  [received(ErrorCode.Cease, CeaseSubcode.MaximumPrefixes), {}, {}, 'maxPrefixes', /no more prefixes of us \(/],
  [sent(ErrorCode.Cease, CeaseSubcode.MaximumPrefixes, '', 'Established'), {}, {}, 'maxPrefixes', /more than 100/],
  [sent(4, 0, '', 'Established'), {}, {}, 'holdTimerExpired', /nothing came from/],
  [received(4, 0), {}, {}, 'holdTimerExpired', /heard nothing of us/],
  [sent(8, 0, '', 'Established'), {}, {}, 'sendHoldTimerExpired', /took nothing/],
  [received(8, 0), {}, {}, 'sendHoldTimerExpired', /could not send to us/],
  [received(ErrorCode.Cease, CeaseSubcode.ConnectionRejected), {}, {}, 'notificationReceived', /ended the session/],
  [
    receivedAs(cease(CeaseSubcode.AdministrativeShutdown, 'maintenance\n\u001b[31m until 6')),
    {},
    {},
    'notificationReceived',
    /^192\.168\.1\.1 ended the session: 6\/2 Cease: Administrative Shutdown "maintenance {2}\[31m until 6"$/,
  ],
  [sent(ErrorCode.Cease, CeaseSubcode.BfdDown, 'Path Down', 'Established'), {}, {}, 'bfdDown', /went down: Path Down$/],
  [received(ErrorCode.Cease, CeaseSubcode.BfdDown), {}, {}, 'bfdDown', /of 192\.168\.1\.1 with this node went down/],
  [sent(ErrorCode.UpdateMessage, 1, 'attribute list'), {}, {}, 'notificationSent', /attribute list/],
  [failed('EIO'), {}, {}, 'unknown', /EIO/],
  [closed('OpenConfirm', 'EIO'), {}, {}, 'unknown', /failed in OpenConfirm \(EIO\)/],
];

describe('causeOf', () => {
  it.each(ROWS)('%j with %j and %j is %s', (reason, facts, counted, cause, message) => {
    const said = causeOf(reason, { ...FACTS, ...facts }, { ...NOTHING, ...counted });
    expect(said).toMatchObject({ cause, message: expect.stringMatching(message) });
    expect(said?.help).not.toBe('');
  });

  it('has nothing to say of an end on purpose', () => {
    expect(causeOf({ type: 'stopped' }, FACTS, NOTHING)).toBeNull();
    expect(causeOf({ type: 'collision' }, FACTS, NOTHING)).toBeNull();
  });

  it('says how much the kernel has counted, and that it counts all peers together; the message stays the same', () => {
    const said = (md5Failure: number) =>
      causeOf(failed('ETIMEDOUT'), { ...FACTS, md5: true }, { ...NOTHING, md5Failure });
    expect(said(3)?.evidence).toBe(
      "MD5 failures of this node's kernel moved by 3 meanwhile, all peers together: 3 with another key (TcpExtTCPMD5Failure), 0 without a signature (TcpExtTCPMD5NotFound)",
    );
    expect(said(4)?.message).toBe(said(3)?.message);
  });

  it('does without the evidence where the kernel cannot tell', () => {
    expect(causeOf(failed('ETIMEDOUT'), { ...FACTS, md5: true }, null)?.cause).toBe('noAnswerWithMd5Key');
  });
});

describe('causeBeforeFailure', () => {
  it.each<[State, number | null, string, RegExp]>([
    ['Connect', null, 'connecting', /^connecting to 192\.168\.1\.1 port 179$/],
    ['OpenSent', null, 'connecting', /its OPEN has not come yet/],
    ['OpenConfirm', null, 'connecting', /KEEPALIVE/],
    ['Idle', 500, 'heldBack', /^waiting before/],
    ['Active', 500, 'heldBack', /^waiting before/],
    ['Active', null, 'heldBack', /^not dialling/],
  ])('%s with the next attempt at %s is %s', (state, nextAttemptAt, cause, message) => {
    expect(causeBeforeFailure({ state, nextAttemptAt }, FACTS, NOTHING)).toMatchObject({
      cause,
      message: expect.stringMatching(message),
    });
  });

  it('is the TTL where an OPEN does not come because the kernel drops it', () => {
    const status = { state: 'OpenSent', nextAttemptAt: null } as const;
    const facts = { ...FACTS, ttlSecurityHops: 1 };
    expect(causeBeforeFailure(status, facts, { ...NOTHING, minTtlDrop: 2 }).cause).toBe('ttlDropped');
    expect(causeBeforeFailure(status, facts, NOTHING).cause).toBe('connecting');
  });
});

describe('the list of causes', () => {
  it('has a row here for each', () => {
    // bfdNotUp is not of the engine: `session-bfd.test.ts` has it.
    const before = ['connecting', 'heldBack', 'bfdNotUp'];
    expect([...new Set([...before, ...ROWS.map(([, , , cause]) => cause)])].sort()).toEqual([...SESSION_CAUSES].sort());
  });

  it('is the one of the reference', () => {
    const reference = readFileSync(join(import.meta.dirname, '../../docs/reference/session-causes.md'), 'utf8');
    const documented = [...reference.matchAll(/^## `(\w+)`$/gm)].map((match) => match[1]);
    expect(documented).toEqual([...SESSION_CAUSES]);
  });
});
