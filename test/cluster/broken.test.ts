/**
 * Each manifest of the guide with one field broken, on a cluster on which the guide runs: kubectl refuses it, or the object itself says what is
 * wrong and what to do, and all that it does not concern works on.
 *
 * METALLB_BROKEN_FIGURES=FILE keeps a line for each: the field, the value, who said what.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { clusterObstacle } from '../../lab/cluster/cluster.ts';
import { titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';
import { type Breakage, type BrokenManifest, breaksOf, type Outcome, unusedBreakages } from './broken/breakages.ts';
import type { GuideObject } from './broken/fields.ts';
import { RouterWatch } from './faults/router-watch.ts';
import { FaultStage, OWN } from './faults/stage.ts';
import { WALK } from './guide/walk.ts';

const obstacle = await clusterObstacle(process.env);

/** A report is written a second after the one before, an event behind everything else. */
const TOLD_MS = 30_000;

const FILES = WALK.flatMap((block) => (block.type === 'manifest' ? [block.file] : []));
const OBJECTS: readonly GuideObject[] = FILES.flatMap((file) =>
  parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as GuideObject),
);
const idOf = ({ kind, metadata }: GuideObject): string => `${kind} ${metadata.name}`;

/**
 * What the guide leaves in force. One that a later chapter writes anew has another name here: in its own place it would be a change of configuration
 * and no mistake.
 */
const LAST = new Map(OBJECTS.map((object) => [idOf(object), object]));
const SUBJECTS: readonly GuideObject[] = OBJECTS.map((object) =>
  LAST.get(idOf(object)) === object
    ? object
    : { ...object, metadata: { ...object.metadata, name: `${object.metadata.name}-before` } },
);

/** Every breakage of each kind once, and of every manifest at least one. */
function chosen(): readonly BrokenManifest[] {
  const seen = new Set<string>();
  const inPlace = SUBJECTS.filter((object) => LAST.has(idOf(object)));
  const renamed = SUBJECTS.filter((object) => !LAST.has(idOf(object)));
  return [...inPlace, ...renamed].flatMap((object, i) => {
    const all = breaksOf(object);
    const fresh = all.filter(({ breakage: { field, value } }) => {
      const id = `${object.kind} ${field} ${JSON.stringify(value)}`;
      if (seen.has(id)) return false;
      seen.add(id);
      return true;
    });
    const { [i % all.length]: one } = all;
    return fresh.length > 0 || one === undefined ? fresh : [one];
  });
}

const CHOSEN = chosen();
const refusedOnes = CHOSEN.filter(({ breakage }) => breakage.outcome.type === 'refused');
const acceptedOnes = CHOSEN.filter(({ breakage }) => breakage.outcome.type !== 'refused');
const harmless = acceptedOnes.filter(({ breakage }) => breakage.endsSession !== true);
const endingSession = acceptedOnes.filter(({ breakage }) => breakage.endsSession === true);

const peerAddressOf = ({ spec }: GuideObject): unknown => (spec as { readonly peerAddress?: unknown }).peerAddress;

describe('the breakages', () => {
  it('are of every manifest of the guide, and each of the table is used', () => {
    expect(new Set(CHOSEN.map(({ guide }) => guide.kind))).toEqual(new Set(OBJECTS.map(({ kind }) => kind)));
    expect(unusedBreakages(new Set<Breakage>(CHOSEN.map(({ breakage }) => breakage)))).toEqual([]);
  });
});

describe.skipIf(obstacle !== undefined)(titled('a manifest of the guide with one field broken', obstacle), () => {
  let stage: FaultStage;
  let watch: RouterWatch;
  /** Of a Service that nobody touches. */
  let untouched: string;

  beforeAll(async () => {
    stage = await FaultStage.open();
    for (const file of FILES) await stage.harness.kubectl('apply', '-f', file);
    const service = LAST.get('Service nginx-lb');
    if (service === undefined) throw new Error('the guide has another Service');
    await stage.harness.apply({ ...service, metadata: { ...service.metadata, name: 'untouched' } });
    untouched = `${await stage.addressOf('untouched')}/32`;
    await stage.untilRoutes(untouched);
  }, 600_000);
  afterAll(() => stage?.[Symbol.asyncDispose]());

  const apply = (object: GuideObject) =>
    stage.harness.cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) });

  const get = async <T>(kind: string, name: string, namespace = OWN): Promise<T> =>
    JSON.parse(await stage.harness.kubectl('get', kind, name, '-n', namespace, '-o', 'json')) as T;

  interface Told {
    readonly metadata: { readonly generation?: number };
    readonly status?: {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly message: string;
        readonly observedGeneration?: number;
      }[];
    };
  }
  interface Events {
    readonly items: readonly { readonly reason: string; readonly message: string }[];
  }

  /** The message of the condition that says that something is wrong with the object; empty where none does. */
  async function complaint(kind: string, name: string, condition: 'Accepted' | 'Warnings'): Promise<string> {
    const { metadata, status } = await get<Told>(kind, name);
    const found = status?.conditions?.find(({ type }) => type === condition);
    if (found === undefined || found.status !== (condition === 'Accepted' ? 'False' : 'True')) return '';
    expect(found.observedGeneration ?? metadata.generation).toBeLessThanOrEqual(metadata.generation ?? 0);
    return found.observedGeneration === metadata.generation ? found.message : '';
  }

  async function eventsOf(kind: string, name: string, namespace = OWN): Promise<Events['items']> {
    const selector = `--field-selector=involvedObject.kind=${kind},involvedObject.name=${name}`;
    const text = await stage.harness.kubectl('get', 'events', '-n', namespace, selector, '-o', 'json');
    return (JSON.parse(text) as Events).items;
  }

  /** Waits until what is wrong is said where it should be, and returns the words. */
  async function untilSaid(object: GuideObject, outcome: Exclude<Outcome, { type: 'refused' }>): Promise<string> {
    const waiting = (says: RegExp) => ({
      timeoutMs: TOLD_MS,
      everyMs: 100,
      done: (text: string) => says.test(text),
    });
    const on = outcome.type === 'told' && outcome.on !== undefined ? outcome.on : { ...object, ...object.metadata };
    if (outcome.type === 'told')
      await until(
        `the condition ${outcome.condition} of ${on.kind} ${on.name}`,
        () => complaint(on.kind, on.name, outcome.condition),
        waiting(outcome.says),
      );
    const reason =
      outcome.type === 'event'
        ? outcome.reason
        : outcome.condition === 'Accepted'
          ? 'ConfigurationError'
          : 'ConfigurationWarning';
    const namespace = outcome.type === 'event' ? (object.metadata.namespace ?? 'default') : OWN;
    const said = async (): Promise<string> =>
      (await eventsOf(on.kind, on.name, namespace))
        .filter((event) => event.reason === reason && outcome.says.test(event.message))
        .map(({ message }) => message)
        .join('\n');
    return until(`the event ${reason} of ${on.kind} ${on.name}`, said, waiting(outcome.says));
  }

  /** Puts the manifest of the guide back, and waits until nothing of the mistake is said any more. */
  async function mend(object: GuideObject, outcome: Exclude<Outcome, { type: 'refused' }>): Promise<void> {
    const good = LAST.get(idOf(object));
    if (good === undefined) {
      await stage.harness.kubectl('delete', object.kind, object.metadata.name, '-n', OWN);
      return;
    }
    await stage.harness.apply(good);
    if (outcome.type === 'event') {
      await stage.untilRoutes('10.100.0.1/32');
      return;
    }
    const on = outcome.on ?? { kind: object.kind, name: object.metadata.name };
    await until(`${on.kind} ${on.name} mended`, () => complaint(on.kind, on.name, outcome.condition), {
      timeoutMs: TOLD_MS,
      everyMs: 100,
      done: (text) => !outcome.says.test(text),
    });
  }

  const note = (title: string, words: string): void => {
    const line = `${title} → ${words.trim().replaceAll('\n', ' ')}`;
    if (process.env.METALLB_BROKEN_FIGURES !== undefined)
      appendFileSync(process.env.METALLB_BROKEN_FIGURES, `${line}\n`);
  };

  const begin = async (): Promise<void> => {
    const { cluster, sandbox } = stage.harness;
    watch = await RouterWatch.begin(cluster.routers, sandbox.directory);
  };

  describe('that kubectl refuses', () => {
    beforeAll(begin);
    it.each(refusedOnes)('$title', async ({ title, object, breakage: { outcome } }) => {
      const { status, stdout, stderr } = await apply(object);
      expect({ refused: status !== 0, stdout }).toEqual({ refused: true, stdout: '' });
      expect(stderr).toMatch(outcome.says);
      note(title, stderr);
    });
    it('changes nothing at the routers', async () => {
      expect(await watch.end()).toEqual({ sessionsDropped: [], routesLost: [], updates: 0 });
    });
  });

  async function tellsOf({ title, object, breakage: { outcome } }: BrokenManifest): Promise<void> {
    if (outcome.type === 'refused') throw new Error('is refused');
    const { status, stderr } = await apply(object);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    note(title, await untilSaid(object, outcome));
    await stage.untilRoutes(untouched);
    await mend(object, outcome);
  }

  describe('that its object tells of', () => {
    beforeAll(begin);
    it.each(harmless)('$title', tellsOf);
    it('ends no session and takes no route that it does not concern', async () => {
      const { sessionsDropped, routesLost } = await watch.end();
      expect(sessionsDropped).toEqual([]);
      expect(routesLost.filter((route) => route.endsWith(` ${untouched}`))).toEqual([]);
    });
  });

  describe('that its object tells of, and that ends a session', () => {
    beforeAll(begin);
    it.each(endingSession)('$title', tellsOf);
    it('ends the sessions of the routers that it names alone', async () => {
      const { sessionsDropped, routesLost } = await watch.end();
      const concerned = new Set(endingSession.map(({ object }) => peerAddressOf(object)));
      const others = stage.harness.cluster.routers
        .filter(({ address }) => !concerned.has(address))
        .map(({ name }) => name);
      expect(others.length).toBeGreaterThan(0);
      for (const line of [...sessionsDropped, ...routesLost])
        expect(others.filter((name) => line.startsWith(`${name} `))).toEqual([]);
    });
  });
});
