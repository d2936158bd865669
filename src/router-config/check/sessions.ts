/** Compares what a running configuration says of the session with one node. */
import type { ObjectRef } from '../../config/resource.ts';
import type { NeighborGroup, Router } from '../model.ts';
import { placeholder } from '../placeholder.ts';
import type { Collector, Difference } from './collector.ts';
import type { Dialect } from './dialect.ts';
import type { Effective } from './effective.ts';
import type { RunningConfig } from './running.ts';

/** What is compared. */
export interface SessionContext {
  readonly router: Router;
  readonly group: NeighborGroup;
  readonly config: RunningConfig;
  readonly dialect: Dialect;
  readonly collector: Collector;
  /** The BGPPeer. */
  readonly object: ObjectRef;
  /** The name of the neighbor in messages. */
  readonly subject: string;
  /** The policies of the group that were compared already: neighbors that share one need it once. */
  readonly judged: Set<string>;
}

type Found = Pick<Difference, 'rule' | 'text' | 'path' | 'line' | 'commands'> &
  Partial<Pick<Difference, 'severity' | 'help'>>;

/** Says how the session differs from what the BGPPeer asks for. */
export function checkSession(neighbor: Effective, context: SessionContext): void {
  const { collector, object, subject } = context;
  const add = (found: Found): void => collector.add({ subject, object, ...found });
  for (const check of [checkShutdown, checkAsn, checkPassword, checkTimers, checkBfd, checkDistance, checkFamilies])
    check(neighbor, context, add);
}

type Check = (neighbor: Effective, context: SessionContext, add: (found: Found) => void) => void;

const checkShutdown: Check = ({ who, settings: { shutdown } }, { router, dialect }, add) => {
  if (shutdown !== null)
    add({
      rule: 'router-neighbor-shutdown',
      text: 'shut down on the router',
      path: ['metadata', 'name'],
      line: shutdown.line,
      commands: dialect.commands.enable(router.asn, who),
    });
};

const checkAsn: Check = ({ who, line, settings: { remoteAsn }, inherits }, { router, group, dialect }, add) => {
  const { remoteAsn: wanted, type } = group;
  if (remoteAsn === null ? inherits : remoteAsn.value === wanted || remoteAsn.value === type) return;
  add({
    rule: 'router-wrong-remote-asn',
    text:
      remoteAsn === null
        ? `no remote AS, while it is ${wanted}`
        : `remote AS ${remoteAsn.value}, while it is ${wanted}`,
    path: ['spec', group.peer.localASN === null ? 'myASN' : 'localASN'],
    line: remoteAsn?.line ?? line,
    commands: dialect.commands.remoteAs(router.asn, who, wanted),
  });
};

const checkPassword: Check = ({ who, line, settings: { password }, inherits }, { router, group, dialect }, add) => {
  const { authentication } = group.peer;
  const path = ['spec', 'password'];
  if (authentication.type === 'none') {
    if (password !== null)
      add({
        rule: 'router-password-unexpected',
        text: 'an MD5 key, while the BGPPeer has none',
        path,
        line: password.line,
        commands: dialect.commands.password(router.asn, who, null),
      });
    return;
  }
  const commands = dialect.commands.password(router.asn, who, placeholder(group));
  if (password === null) {
    if (!inherits)
      add({ rule: 'router-password-missing', text: 'no MD5 key, while the BGPPeer has one', path, line, commands });
    return;
  }
  const { source, key } = authentication;
  const known = !(source.type === 'secret' && source.absent === true);
  if (password.value.type === 'unreadable')
    add({
      rule: 'router-password-unreadable',
      text: 'a key of type 7 that is none',
      path,
      line: password.line,
      commands,
    });
  else if (password.value.type === 'plain' && known && password.value.key !== key.reveal())
    add({
      rule: 'router-password-differs',
      text: 'another MD5 key than that of the BGPPeer',
      path,
      line: password.line,
      commands,
    });
};

const checkTimers: Check = ({ who, line, settings: { timers }, inherits }, { router, group, dialect }, add) => {
  const { holdTimeSeconds: hold, keepaliveSeconds: keepalive } = group.peer;
  const running = timers?.value ?? null;
  if (running === null && inherits) return;
  if (running !== null && running.hold === hold && running.keepalive === keepalive) return;
  const shorter = running?.hold != null && (hold === 0 || running.hold < hold);
  const theirs =
    running === null
      ? 'no timers of its own'
      : `keepalive ${secondsText(running.keepalive)} and hold ${secondsText(running.hold)}`;
  add({
    rule: 'router-timers-differ',
    ...(shorter ? { severity: 'warning' as const } : {}),
    text: `${theirs}, while the BGPPeer has keepalive ${keepalive} s and hold ${hold} s${shorter ? `: a hold time of ${running.hold} s is used` : ''}`,
    path: ['spec', 'holdTime'],
    line: timers?.line ?? line,
    commands: dialect.commands.timers(router.asn, who, keepalive, hold),
  });
};

const secondsText = (seconds: number | null): string => (seconds === null ? 'unset' : `${seconds} s`);

const checkBfd: Check = ({ who, line, settings: { bfd }, inherits }, { router, group, dialect }, add) => {
  if (group.bfd === null || bfd !== null || inherits) return;
  const { profile, receiveIntervalMs, detectMultiplier } = group.bfd;
  add({
    rule: 'router-bfd-missing',
    text: `no BFD, while BFDProfile ${profile} asks for ${receiveIntervalMs} ms times ${detectMultiplier}`,
    path: ['spec', 'bfdProfile'],
    line,
    commands: dialect.commands.bfd(router.asn, who, group.bfd),
  });
};

const checkDistance: Check = (neighbor, { router, group, dialect }, add) => {
  const { who, line, inherits } = neighbor;
  const { multihop, ttlSecurity } = neighbor.settings;
  const { distance, type } = group;
  const change = (...before: readonly string[]): readonly string[] =>
    dialect.commands.distance(router.asn, who, distance, type, before);
  if (distance.type === 'ttl-security') {
    if (ttlSecurity?.value === distance.hops || (ttlSecurity === null && inherits)) return;
    add({
      rule: 'router-ttl-security-differs',
      text: `${ttlSecurity === null ? 'no TTL security' : `TTL security for ${ttlSecurity.value} hops`}, while ttlSecurityHops is ${distance.hops}`,
      path: ['spec', 'ttlSecurityHops'],
      line: ttlSecurity?.line ?? line,
      commands: change(...(multihop === null ? [] : ['ebgp-multihop'])),
    });
  } else if (ttlSecurity !== null)
    add({
      rule: 'router-ttl-security-differs',
      text: `TTL security for ${ttlSecurity.value} hops, while the BGPPeer has no ttlSecurityHops`,
      path: ['spec', 'ttlSecurityHops'],
      line: ttlSecurity.line,
      commands: change('ttl-security'),
    });
  else if (distance.type === 'multihop' && type === 'external' && (multihop?.value ?? 1) < 2 && !inherits)
    add({
      rule: 'router-multihop-missing',
      text: 'no multihop, while the nodes are on no subnet of the router',
      path: ['spec', 'peerAddress'],
      line,
      commands: change(),
    });
};

const checkFamilies: Check = ({ who, line, family, inherits }, { router, group, dialect }, add) => {
  for (const need of group.families) {
    const { active, maximumPrefix: limit } = family(need.family);
    const path = ['spec', 'peerAddress'];
    if (!active && !inherits)
      add({
        rule: 'router-family-inactive',
        text: `not active in IPv${need.family}`,
        path,
        line,
        commands: dialect.commands.activate(router.asn, who, need.family),
      });
    const commands = dialect.commands.maximumPrefix(router.asn, who, need.family, need.maximumPrefixes);
    if (limit === null) {
      if (!inherits)
        add({
          rule: 'router-maximum-prefix-missing',
          text: `no maximum-prefix for IPv${need.family}, while ${need.maximumPrefixes} is enough`,
          path,
          line,
          commands,
        });
    } else if (need.possible !== null && limit.value < need.possible)
      add({
        rule: 'router-maximum-prefix-too-low',
        text: `maximum-prefix ${limit.value} for IPv${need.family}, while the pools make up to ${need.possible} prefixes`,
        path,
        line: limit.line,
        commands,
      });
  }
};
