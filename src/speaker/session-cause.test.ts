import { describe, expect, it } from 'vitest';
import { CeaseSubcode, ErrorCode, OpenSubcode } from '../bgp/packet/constants.ts';
import { notification } from '../bgp/packet/notification.ts';
import type { DownReason } from '../bgp/peer-types.ts';
import { causeOf, type SessionFacts } from './session-cause.ts';

const FACTS: SessionFacts = {
  peerAddress: '192.168.1.1',
  peerPort: 179,
  myASN: 64513,
  peerASN: 64512,
  holdTimeSeconds: 90,
  sourceAddress: '192.168.1.99',
  md5: false,
};

const failed = (code: string): DownReason => ({ type: 'connectFailed', failure: { code, message: code } });
const received = (code: number, subcode: number): DownReason => ({
  type: 'notificationReceived',
  notification: notification(code, subcode),
  state: 'OpenSent',
});
const sent = (code: number, subcode: number, detail: string): DownReason => ({
  type: 'notificationSent',
  notification: notification(code, subcode),
  state: 'OpenSent',
  detail,
});

describe('causeOf', () => {
  it.each<[DownReason, Partial<SessionFacts>, string, RegExp]>([
    [failed('ECONNREFUSED'), {}, 'refused', /192\.168\.1\.1 port 179 refused/],
    [failed('ETIMEDOUT'), {}, 'noAnswer', /^no answer from 192\.168\.1\.1 port 179$/],
    [failed('ETIMEDOUT'), { md5: true }, 'noAnswerWithMd5Key', /no answer .*; an MD5 key is configured$/],
    [failed('EHOSTUNREACH'), {}, 'unreachable', /EHOSTUNREACH/],
    [failed('EADDRNOTAVAIL'), {}, 'sourceAddressMissing', /192\.168\.1\.99/],
    [failed('EIO'), {}, 'connectionFailed', /EIO/],
    [received(ErrorCode.OpenMessage, OpenSubcode.BadPeerAs), {}, 'asMismatch', /our AS 64513/],
    [sent(ErrorCode.OpenMessage, OpenSubcode.BadPeerAs, 'it says 64999'), {}, 'asMismatch', /64512.*64999/],
    [received(ErrorCode.OpenMessage, OpenSubcode.UnacceptableHoldTime), {}, 'holdTimeRefused', /90 s/],
    [received(ErrorCode.OpenMessage, OpenSubcode.BadBgpIdentifier), {}, 'routerIDClash', /router ID/],
    [received(ErrorCode.Cease, CeaseSubcode.ConnectionRejected), {}, 'notificationReceived', /ended the session/],
    [sent(ErrorCode.HoldTimerExpired, 0, ''), {}, 'holdTimerExpired', /hold time/],
    [sent(ErrorCode.UpdateMessage, 1, 'attribute list'), {}, 'notificationSent', /attribute list/],
    [{ type: 'connectionClosed', state: 'OpenSent', failure: null }, {}, 'closedByPeer', /in OpenSent/],
  ])('%j with %j is %s', (reason, facts, cause, message) => {
    const said = causeOf(reason, { ...FACTS, ...facts });
    expect(said).toMatchObject({ cause, message: expect.stringMatching(message) });
    expect(said?.help).not.toBe('');
  });

  it('has nothing to say of an end on purpose', () => {
    expect(causeOf({ type: 'stopped' }, FACTS)).toBeNull();
    expect(causeOf({ type: 'collision' }, FACTS)).toBeNull();
  });
});
