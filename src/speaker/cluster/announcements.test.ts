import { beforeEach, describe, expect, it } from 'vitest';
import type { Allocation } from '../../allocator/allocator.ts';
import type { Service } from '../../cluster/service.ts';
import { createLogger } from '../../io/logger.ts';
import { parseIp } from '../../net/ip.ts';
import { NO_SESSIONS_CHANGE, type WorldChange } from '../../plan/world/change.ts';
import { NO_LAYER2_CHANGE } from '../../plan/world/layer2-services.ts';
import { Announcements } from './announcements.ts';

type Line = Readonly<Record<string, unknown>>;

const WEB = 'default/web';

let lines: Line[];
let events: { reason: string; name: string; uid: string | undefined; message: string }[];
let statuses: Map<string, readonly string[]>;
let present: Set<string>;
let allocations: Map<string, Allocation>;
let services: Set<string>;
let announcements: Announcements;
/** How often others had their turn, and what they do then. */
let breaths: number;
let between: () => void;

beforeEach(() => {
  breaths = 0;
  between = () => {};
  lines = [];
  events = [];
  statuses = new Map();
  present = new Set();
  allocations = new Map();
  services = new Set([WEB]);
  const log = createLogger('all', { write: (line: string) => void lines.push(JSON.parse(line)) });
  announcements = new Announcements({
    node: 'node1',
    world: {
      service: (key) => (services.has(key) ? ({ key } as Service) : undefined),
      uidOf: (service) => (service === WEB ? 'uid-web' : null),
      allocations,
    },
    log,
    breathe: async () => {
      breaths++;
      between();
    },
    events: {
      record: ({ name, uid }, _, reason, message) => void events.push({ reason, name, uid, message }),
    },
    statuses: { set: (service, peers) => void statuses.set(service, peers), has: (service) => present.has(service) },
  });
});

const change = (part: Partial<WorldChange>): WorldChange => ({
  allocationsChanged: [],
  poolsChanged: [],
  sessionsChanged: NO_SESSIONS_CHANGE,
  routesChanged: [],
  refusalsChanged: [],
  announcementsChanged: [],
  layer2Changed: NO_LAYER2_CHANGE,
  findingsChanged: { added: [], removed: [] },
  ...part,
});

const to = (peers: readonly string[], ...names: string[]): WorldChange =>
  change({ announcementsChanged: (names.length > 0 ? names : [WEB]).map((service) => ({ service, peers })) });

function assigned(message: string | null = null): Allocation {
  const ip = parseIp('192.0.2.1');
  if (!ip.ok) throw new Error(ip.error);
  return { state: 'Assigned', ips: [ip.value], pool: 'web', message, cleared: null };
}

const allocation = (after: Allocation | null, service = WEB): WorldChange =>
  change({ allocationsChanged: [{ service, before: null, after }] });

const said = (): string[] => lines.map(({ level, event, service = '' }) => `${level} ${event} ${service}`.trim());

describe('a Service that is announced', () => {
  it('is said to be, to whom and with which address; the event is told once', () => {
    allocations.set(WEB, assigned());
    announcements.changed(to(['r1', 'r2']));
    expect(lines).toMatchObject([
      {
        level: 'info',
        event: 'serviceAnnounced',
        service: WEB,
        protocol: 'bgp',
        ips: ['192.0.2.1'],
        pool: 'web',
        peers: ['r1', 'r2'],
        msg: 'service has IP, announcing',
      },
    ]);
    announcements.changed(to(['r1']));
    expect(said()).toEqual(['info serviceAnnounced default/web', 'info serviceAnnounced default/web']);
    expect(events).toEqual([
      {
        reason: 'nodeAssigned',
        name: 'web',
        uid: 'uid-web',
        message: 'announcing from node "node1" with protocol "bgp"',
      },
    ]);
    expect(statuses.get(WEB)).toEqual(['r1']);
    expect(announcements.size).toBe(1);
  });

  it.each([
    ['serviceDeleted', () => services.delete(WEB)],
    ['noMatchingAdvertisement', () => allocations.set(WEB, assigned())],
    ['noIPAllocated', () => allocations.set(WEB, { ...assigned(), pool: null })],
  ])('is withdrawn for a reason: %s', (reason, prepare) => {
    announcements.changed(to(['r1']));
    prepare();
    announcements.changed(to([]));
    expect(lines[1]).toMatchObject({ level: 'info', event: 'serviceWithdrawn', service: WEB, reason });
    expect(statuses.get(WEB)).toEqual([]);
    expect(announcements.size).toBe(0);
    announcements.changed(to([]));
    expect(lines).toHaveLength(2);
  });

  it('is withdrawn for what refuses it, and one that never was announced says so at debug', () => {
    announcements.changed(to(['r1']));
    const refusal = { reason: 'noLocalEndpoints', message: 'none' } as const;
    announcements.changed({ ...to([]), refusalsChanged: [{ service: WEB, refusal }] });
    announcements.changed(change({ refusalsChanged: [{ service: 'default/other', refusal }] }));
    expect(lines.slice(1)).toMatchObject([
      { level: 'info', event: 'serviceWithdrawn', reason: 'noLocalEndpoints' },
      { level: 'debug', event: 'serviceNotAnnounced', service: 'default/other', detail: 'none' },
    ]);
  });
});

describe('from the start', () => {
  it('there is no line, and an event only for what nobody has a status object of', async () => {
    present.add('default/old');
    announcements.adopting(to(['r1'], WEB, 'default/old', 'default/gone'));
    announcements.adopting(to([], 'default/gone'));
    expect(announcements.size).toBe(2);
    expect(statuses.get('default/old')).toEqual(['r1']);
    await announcements.statusesKnown();
    await announcements.statusesKnown();
    expect(lines).toEqual([]);
    expect(events.map(({ name }) => name)).toEqual(['web']);
  });

  it('what is withdrawn and announced again before that is known is told once', async () => {
    announcements.adopting(to(['r1']));
    announcements.changed(to([]));
    announcements.changed(to(['r1']));
    await announcements.statusesKnown();
    expect(events).toHaveLength(1);
  });

  it('ten thousand are told slice by slice; what is withdrawn meanwhile is not told', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `default/s${i}`);
    announcements.adopting(to(['r1'], ...many));
    between = () => announcements.changed(to([], 'default/s9999'));
    await announcements.statusesKnown();
    expect(breaths).toBeGreaterThan(100);
    expect(events).toHaveLength(9_999);
  });
});

describe('a Service whose address no pool has any more', () => {
  it('is said once, until the controller has moved it', () => {
    const before = announcements.keptVersion;
    announcements.changed(allocation(assigned('kept')));
    announcements.changed(allocation(assigned('kept')));
    expect(said()).toEqual(['warn addressKept default/web']);
    expect([...announcements.kept]).toEqual([[WEB, 'kept']]);
    const version = announcements.keptVersion;
    expect(version).not.toBe(before);
    // One for the other: as many, and not the same.
    announcements.changed(
      change({
        allocationsChanged: [
          { service: WEB, before: null, after: assigned() },
          { service: 'default/other', before: null, after: assigned('kept') },
        ],
      }),
    );
    expect(announcements.kept.size).toBe(1);
    expect(announcements.keptVersion).not.toBe(version);
    announcements.changed(allocation(null, 'default/other'));
    expect(announcements.kept.size).toBe(0);
  });
});

describe('a change that concerns thousands of Services', () => {
  const many = Array.from({ length: 5_000 }, (_, i) => `default/s${i}`);
  const loud = () => lines.filter(({ level }) => level !== 'debug');

  it.each([
    ['announced', ['r1']],
    ['withdrawn', []],
  ])('has a hundred lines and a sum: %s', (what, peers) => {
    announcements.adopting(to(['r0'], ...many));
    announcements.changed(to(peers, ...many));
    expect(loud()).toHaveLength(101);
    expect(loud().at(-1)).toMatchObject({ event: 'manyServicesChanged', [what]: 5_000, withoutLine: 4_900 });
    expect(lines.filter(({ level }) => level === 'debug')).toHaveLength(4_900);
    announcements.changed(to(['r2']));
    expect(loud()).toHaveLength(102);
  });

  it('that keeps their addresses too', () => {
    announcements.changed(
      change({ allocationsChanged: many.map((service) => ({ service, before: null, after: assigned('kept') })) }),
    );
    expect(loud()).toHaveLength(101);
    expect(loud().at(-1)).toMatchObject({ event: 'manyServicesChanged', addressesKept: 5_000 });
  });
});
