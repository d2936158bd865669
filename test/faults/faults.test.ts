/** Brings each fault of the table about, for each process that it concerns, and looks at what comes of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { controllerSubject } from './controller-subject.ts';
import { FAULTS } from './faults.ts';
import { faultsPage } from './page.ts';
import { speakerSubject } from './speaker-subject.ts';
import { FaultStage } from './stage.ts';
import type { Subject } from './subject.ts';

const SUBJECTS: readonly Subject[] = [controllerSubject, speakerSubject];
const PAGE = join(import.meta.dirname, '../../docs/reference/faults.md');
const SERVICES = 20;
/** Of one name, in any fault: an hour of it must not fill a disk. */
const MAX_LINES = 70;

let stage: FaultStage | null = null;
afterEach(async () => {
  await stage?.close();
  stage = null;
});

/** By name of a metric all its lines. */
function byMetric(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const grouped = Map.groupBy(lines, (line) => /^[a-z0-9_]+/.exec(line)?.[0] ?? '');
  return new Map([...grouped].map(([name, values]) => [name, values.join('\n')]));
}

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort();

describe.each(SUBJECTS)('$name', (subject) => {
  const concerned = FAULTS.filter(({ seen }) => seen[subject.name] !== null);

  it.each(concerned)('$id: $fault', async ({ before, happen, goes, maxRequests, seen }) => {
    const said = seen[subject.name];
    if (said === null) throw new Error('not concerned');
    const on = await FaultStage.open();
    stage = on;
    on.pool('web', '10.0.0.0/16');
    for (let i = 0; i < SERVICES; i++) on.service(`s${i}`);
    before?.(on);
    const running = await subject.start(on);
    await on.run(5_000);
    const held = new Map(running.holds());
    expect([...held.values()].filter((value) => value === '')).toEqual([]);
    expect(held.size).toBeGreaterThanOrEqual(SERVICES);

    on.lines.length = 0;
    on.takeWrites();
    const metricsBefore = byMetric(await running.metrics());
    const component = `metallb-${subject.name}`;
    const eventsBefore = on.events(component);
    const requestsBefore = on.requestsOf(subject.name);
    const changed = new Set<string>();
    const look = async (): Promise<void> => {
      for (const [name, text] of byMetric(await running.metrics()))
        if (text !== metricsBefore.get(name)) changed.add(name);
    };
    await happen(on, look);
    await look();
    const requests = on.requestsOf(subject.name) - requestsBefore;
    const logged = on.loggedBy(subject.name);
    await on.run(5_000);

    // Nothing that is held has moved, and nobody has what somebody else has.
    const after = running.holds();
    for (const [name, value] of held)
      if (goes?.(name) === true) expect(after.has(name), name).toBe(false);
      else expect(after.get(name), name).toBe(value);
    const values = [...after.values()];
    expect(values.filter((value) => value === '')).toEqual([]);
    expect(new Set(values).size).toBe(values.length);

    // It is seen.
    expect(sorted(logged)).toEqual(sorted(said.log));
    for (const [name, lines] of Map.groupBy(logged, (event) => event))
      expect(lines.length, name).toBeLessThanOrEqual(MAX_LINES);
    expect(sorted(said.metrics.filter((name) => !changed.has(name)))).toEqual([]);
    const told = [...on.events(component)].flatMap(([id, reason]) => (eventsBefore.has(id) ? [] : [reason]));
    expect(sorted(told)).toEqual(sorted(said.events));

    // No loop of writes, and none that changes nothing.
    const writes = on.takeWrites().filter(({ client }) => client === subject.name);
    const ofServices = writes.filter(({ resource }) => resource === 'services');
    expect(ofServices.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(said.serviceWrites);
    expect(writes.filter(({ count, changed: didChange }) => didChange < count)).toEqual([]);
    expect(requests).toBeLessThanOrEqual(maxRequests ?? Number.POSITIVE_INFINITY);

    // And then all is as before: a Service gets its address, by one write of the controller's, and is held.
    on.service('afterwards');
    await on.run(3_000);
    expect(on.addresses().get('default/afterwards')).not.toBe('');
    expect(running.holds().get('default/afterwards')).not.toBe('');
    const last = on.takeWrites().filter(({ client, resource }) => client === subject.name && resource === 'services');
    expect(last.map(({ count, changed: didChange }) => [count, didChange])).toEqual(
      subject.name === 'controller' ? [[1, 1]] : [],
    );
    const stopped = running.stop();
    await on.run(3_000);
    await stopped;
  });
});

it('is what docs/reference/faults.md says', () => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(PAGE, faultsPage());
  expect(readFileSync(PAGE, 'utf8')).toBe(faultsPage());
});
