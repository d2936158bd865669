/**
 * What one peer's session has been through lately: messages, changes of state, timers, decisions and causes, the last 200 of them.
 *
 * It is always on, so it is cheap: an entry is a small object that refers to nothing of a message (an UPDATE leaves the number of its
 * prefixes), and text is made when somebody prints it. What comes again and again (KEEPALIVEs, UPDATEs, routes sent) is one entry with a
 * count and sums as long as nothing else happens, else an hour of quiet would drive out what explains the session. No key comes here.
 */
import type { State, TimerName } from '../bgp/fsm.ts';
import type { Family } from '../bgp/packet/constants.ts';
import { formatFamily } from '../bgp/packet/constants.ts';
import type { MessageName, OutgoingMessage } from '../bgp/packet/message.ts';
import { formatNotification, type Notification } from '../bgp/packet/notification.ts';
import type { UpdateError } from '../bgp/packet/update-error.ts';
import { announcedBy, withdrawnBy } from '../bgp/packet/update-routes.ts';
import type { Connection, DownReason, RoutesSent } from '../bgp/peer-types.ts';
import { formatIp } from '../net/ip.ts';
import type { Clock } from '../time/clock.ts';
import type { SessionCause, SessionCauseName } from './session-cause.ts';

const CAPACITY = 200;

/** How far back a run of equal traffic is looked for: the kinds of traffic that take turns in a quiet session. */
const TURNS = 4;

/** A NOTIFICATION's data is kept as far as a shutdown communication goes (RFC 9003). */
const NOTIFICATION_DATA = 256;

/** What of a message's body is kept. */
type Body =
  | {
      readonly type: 'OPEN';
      readonly asn: number;
      readonly holdTime: number;
      readonly bgpIdentifier: number;
      readonly families: readonly Family[];
      readonly capabilities: number;
    }
  | { readonly type: 'UPDATE'; announced: number; withdrawn: number }
  | { readonly type: 'NOTIFICATION'; readonly notification: Notification }
  | { readonly type: 'ROUTE-REFRESH'; readonly family: Family; readonly subtype: number }
  | { readonly type: 'KEEPALIVE' };

type Event =
  | { readonly type: 'received' | 'sent'; readonly body: Body; octets: number }
  | { readonly type: 'routesSent'; announced: number; withdrawn: number; updates: number; octets: number }
  | { readonly type: 'state'; readonly from: State; readonly to: State }
  | { readonly type: 'timer'; readonly timer: TimerName; readonly direction: Connection['direction'] }
  | {
      readonly type: 'down';
      readonly reason: DownReason['type'];
      readonly state: State | null;
      readonly cause: SessionCauseName | null;
      readonly message: string | null;
    }
  | { readonly type: 'updateError'; readonly action: UpdateError['action']; readonly attribute: number | null }
  | { readonly type: 'decision'; readonly decision: Decision };

/** What the speaker, rather than the protocol, decided. */
export type Decision = 'start' | 're-key' | 'BFD is down' | 'stop: shutdown' | 'stop: deconfigured' | 'stop: changed';

interface Entry {
  readonly at: number;
  lastAt: number;
  count: number;
  readonly event: Event;
}

/** The recorder of one session. */
export class FlightRecorder {
  readonly #clock: Clock;
  /** A ring: `#next` is where the next entry goes, over the oldest. */
  readonly #entries: Entry[] = [];
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  message(type: 'received' | 'sent', message: OutgoingMessage, octets: number): void {
    const body = bodyOf(message);
    const repeats = body.type === 'KEEPALIVE' || body.type === 'UPDATE';
    const same = repeats ? this.#recent((event) => event.type === type && event.body.type === body.type) : undefined;
    if (same?.type !== type) {
      this.#add({ type, body, octets });
      return;
    }
    same.octets += octets;
    if (body.type === 'UPDATE' && same.body.type === 'UPDATE') {
      same.body.announced += body.announced;
      same.body.withdrawn += body.withdrawn;
    }
  }

  routesSent({ announced, withdrawn, updates, octets }: RoutesSent): void {
    const same = this.#recent((event) => event.type === 'routesSent');
    if (same?.type !== 'routesSent') {
      this.#add({ type: 'routesSent', announced, withdrawn, updates, octets });
      return;
    }
    same.announced += announced;
    same.withdrawn += withdrawn;
    same.updates += updates;
    same.octets += octets;
  }

  stateChanged(from: State, to: State): void {
    this.#add({ type: 'state', from, to });
  }

  /** Keepalive is left out: the KEEPALIVE that it leads to is recorded. */
  timerExpired(timer: TimerName, direction: Connection['direction']): void {
    if (timer !== 'Keepalive') this.#add({ type: 'timer', timer, direction });
  }

  down(reason: DownReason, cause: SessionCause | null): void {
    const state = 'state' in reason ? reason.state : null;
    this.#add({
      type: 'down',
      reason: reason.type,
      state,
      cause: cause?.cause ?? null,
      message: cause?.message ?? null,
    });
  }

  updateError({ action, attribute }: UpdateError): void {
    this.#add({ type: 'updateError', action, attribute });
  }

  decided(decision: Decision): void {
    this.#add({ type: 'decision', decision });
  }

  /** The entries as JSON, the oldest first, with how many seconds ago each was. */
  print(): readonly unknown[] {
    const now = this.#clock.now();
    const ago = (at: number): number => Math.round(now - at) / 1_000;
    const oldest = this.#entries.length < CAPACITY ? 0 : this.#next;
    return [...this.#entries.slice(oldest), ...this.#entries.slice(0, oldest)].map(({ at, lastAt, count, event }) => ({
      secondsAgo: ago(at),
      ...(count === 1 ? {} : { count, untilSecondsAgo: ago(lastAt) }),
      ...describe(event),
    }));
  }

  /** Counts a repetition of what was recorded a moment ago, with nothing since but other traffic, and answers what to add to. */
  #recent(matches: (event: Event) => boolean): Event | undefined {
    for (let back = 1; back <= Math.min(TURNS, this.#entries.length); back++) {
      const entry = this.#entries[(this.#next - back + CAPACITY) % CAPACITY];
      if (entry === undefined || !isTraffic(entry.event)) return undefined;
      if (!matches(entry.event)) continue;
      entry.count += 1;
      entry.lastAt = this.#clock.now();
      return entry.event;
    }
    return undefined;
  }

  #add(event: Event): void {
    const at = this.#clock.now();
    this.#entries[this.#next] = { at, lastAt: at, count: 1, event };
    this.#next = (this.#next + 1) % CAPACITY;
  }
}

const isTraffic = (event: Event): boolean =>
  event.type === 'routesSent' ||
  ((event.type === 'received' || event.type === 'sent') &&
    (event.body.type === 'KEEPALIVE' || event.body.type === 'UPDATE'));

const KEEPALIVE: Body = { type: 'KEEPALIVE' };

function bodyOf(message: OutgoingMessage): Body {
  switch (message.type) {
    case 'KEEPALIVE':
      return KEEPALIVE;
    case 'OPEN': {
      const { asn, holdTime, bgpIdentifier, capabilities } = message.open;
      const families = capabilities.flatMap((c) => (c.type === 'multiprotocol' ? [c.family] : [])).slice(0, 8);
      return { type: 'OPEN', asn, holdTime, bgpIdentifier, families, capabilities: capabilities.length };
    }
    case 'UPDATE': {
      const count = (routes: readonly { readonly prefixes: readonly unknown[] }[]): number =>
        routes.reduce((sum, { prefixes }) => sum + prefixes.length, 0);
      return {
        type: 'UPDATE',
        announced: count(announcedBy(message.update)),
        withdrawn: count(withdrawnBy(message.update)),
      };
    }
    case 'NOTIFICATION': {
      const { code, subcode, data } = message.notification;
      return { type: 'NOTIFICATION', notification: { code, subcode, data: data.slice(0, NOTIFICATION_DATA) } };
    }
    case 'ROUTE-REFRESH':
      return { type: 'ROUTE-REFRESH', ...message.refresh };
  }
}

function describe(event: Event): Record<string, unknown> {
  switch (event.type) {
    case 'received':
    case 'sent': {
      const message: MessageName = event.body.type;
      return { event: event.type, message, octets: event.octets, ...describeBody(event.body) };
    }
    case 'routesSent': {
      const { type, ...sums } = event;
      return { event: type, ...sums };
    }
    case 'state':
      return { event: 'state', from: event.from, to: event.to };
    case 'timer':
      return { event: 'timerExpired', timer: event.timer, connection: event.direction };
    case 'down': {
      const { type, state, cause, message, reason } = event;
      return {
        event: type,
        reason,
        ...(state === null ? {} : { state }),
        ...(cause === null ? {} : { cause, message }),
      };
    }
    case 'updateError':
      return { event: 'updateError', action: event.action, attribute: event.attribute };
    case 'decision':
      return { event: 'decision', decision: event.decision };
  }
}

function describeBody(body: Body): Record<string, unknown> {
  switch (body.type) {
    case 'OPEN':
      return {
        asn: body.asn,
        holdTime: body.holdTime,
        routerID: formatIp({ family: 4, value: BigInt(body.bgpIdentifier) }),
        families: body.families.map(formatFamily),
        capabilities: body.capabilities,
      };
    case 'UPDATE':
      return { announced: body.announced, withdrawn: body.withdrawn };
    case 'NOTIFICATION':
      return { notification: formatNotification(body.notification) };
    case 'ROUTE-REFRESH':
      return { family: formatFamily(body.family), subtype: body.subtype };
    case 'KEEPALIVE':
      return {};
  }
}
