/**
 * The rules of BGPPeer in CEL, which both versions have: what MetalLB refuses of one object at its webhook or when it reads it.
 *
 * The API server reckons what a rule costs from the length of its patterns and the longest text that a request can hold, and refuses the CRD
 * beyond its budget: so the pattern is short, and no rule looks into a list.
 */
import type { CelRule } from './schema.ts';

/** Durations as Go's time.ParseDuration takes them; without a backslash, which CEL would want twice. */
const DURATION = '^[-+]?(0|(([0-9]+[.]?[0-9]*|[.][0-9]+)([nuµμm]?s|m|h))+)$';

const isDuration = (name: string) => `${name}.matches('${DURATION}')`;
const seconds = (name: string) => `duration(${name}).getSeconds()`;

/** Where the texts are durations; what is none has a rule of its own. */
const whereDurations = (names: readonly string[], rule: string) =>
  `${names.map((name) => `!${isDuration(name)}`).join(' || ')} || ${rule}`;

export const DURATION_RULE: CelRule = {
  rule: isDuration('self'),
  message: 'is no duration: write a number with its unit (90s, 1m30s), or leave the field out',
};

/** Cut to whole seconds, as MetalLB does: half a second is zero. The upper bound is the parser's. */
export const HOLD_TIME_RULE: CelRule = {
  rule: whereDurations(['self'], `${seconds('self')} == 0 || ${seconds('self')} >= 3`),
  message: 'a hold time is 0s or at least 3s (RFC 4271): write 3s or more, or leave the field out for 90s',
};

export const CONNECT_TIME_RULES: readonly CelRule[] = [
  {
    rule: whereDurations(['self'], `(${seconds('self')} >= 1 && ${seconds('self')} <= 65535)`),
    message: 'is not within 1s and 65535s: write a time in between, or leave the field out',
  },
  {
    rule: whereDurations(['self'], 'duration(self).getMilliseconds() % 1000 == 0'),
    message: 'is no whole number of seconds: round it',
  },
];

export const MY_ASN_RULE: CelRule = {
  rule: 'self != 0',
  message: 'AS number 0 is reserved (RFC 7607): write the number of our AS',
};

/** On the field, as MetalLB has it: it does not fire when the field comes or goes. */
export const GRACEFUL_RESTART_RULE: CelRule = {
  rule: 'self == oldSelf',
  message: 'enableGracefulRestart cannot be changed: delete the BGPPeer and create it anew',
};

const isText = (name: string) => `(has(self.${name}) && self.${name} != '')`;
const HAS_PEER_ASN = '(has(self.peerASN) && self.peerASN != 0)';

/** Rules about several fields. */
export const PEER_RULES: readonly CelRule[] = [
  {
    rule: `!(${HAS_PEER_ASN} && has(self.dynamicASN))`,
    message: 'peerASN and dynamicASN exclude each other: remove one of them',
  },
  {
    rule: `${HAS_PEER_ASN} || has(self.dynamicASN)`,
    message: 'neither peerASN nor dynamicASN is set: write peerASN, the AS number of the router',
  },
  {
    rule: `!(${isText('peerAddress')} && ${isText('interface')})`,
    message: 'peerAddress and interface exclude each other: remove one of them',
  },
  {
    rule: `${isText('peerAddress')} || ${isText('interface')}`,
    message: 'neither peerAddress nor interface is set: write peerAddress, the address of the router',
  },
  {
    rule: `!(${isText('password')} && has(self.passwordSecret) && has(self.passwordSecret.name) && self.passwordSecret.name != '')`,
    message: 'password and passwordSecret exclude each other: remove password',
  },
  {
    rule: `!has(self.holdTime) || !has(self.keepaliveTime) || ${whereDurations(
      ['self.holdTime', 'self.keepaliveTime'],
      `${seconds('self.keepaliveTime')} <= ${seconds('self.holdTime')}`,
    )}`,
    message: 'keepaliveTime is above holdTime: leave keepaliveTime out, which makes it a third of holdTime',
  },
  {
    rule: '!(has(self.ebgpMultiHop) && self.ebgpMultiHop && !has(self.localASN) && has(self.peerASN) && self.peerASN == self.myASN)',
    message:
      'ebgpMultiHop is for external peers, and this one is internal (peerASN = myASN): remove it, or correct peerASN',
  },
];
