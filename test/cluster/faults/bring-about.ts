/** Brings a fault about, and compares what is seen of it, and what becomes of sessions and routes, with the table. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { until } from '../../../lab/run.ts';
import { RouterWatch } from './router-watch.ts';
import type { Component, FaultStage } from './stage.ts';
import { statuses } from './statuses.ts';
import { addressOfNode, type ClusterFault } from './table.ts';

const COMPONENTS: readonly Component[] = ['controller', 'speaker'];
/** ServiceBGPStatuses are written at 10 a second, events behind everything else. */
const TOLD_MS = 60_000;
const ASK_EVERY_MS = 500;

export async function bringAbout(stage: FaultStage, fault: ClusterFault): Promise<void> {
  const { cluster, sandbox } = stage.harness;
  const prepared = (await fault.prepare?.(stage)) ?? {};
  await untilStatusesAreTrue(stage);
  const pods = (await Promise.all(COMPONENTS.map((component) => stage.pods(component)))).flat();
  const metricsBefore = await Promise.all(COMPONENTS.map((component) => stage.metrics(component, pods)));
  const eventsBefore = await stage.events();
  const changed = new Set<string>();
  const look = async (): Promise<void> => {
    for (const [i, component] of COMPONENTS.entries())
      for (const [name, text] of await stage.metrics(component, pods))
        if (text !== metricsBefore[i]?.get(name)) changed.add(name);
  };

  const watch = await RouterWatch.begin(cluster.routers, sandbox.directory);
  const asked = new AbortController();
  const asking = askUntil(stage, asked.signal);
  const since = new Date();
  const began = performance.now();
  let tookMs: number;
  try {
    await fault.happen(stage, look, prepared);
    await stage.announceOneMore();
    tookMs = performance.now() - began;
  } finally {
    asked.abort();
  }
  const unanswered = await asking;
  await look();
  const { sessionsDropped, routesLost, updates } = await watch.end();

  const figures = `sessions dropped ${sessionsDropped.length}, routes lost ${routesLost.length}, UPDATEs ${updates}, not answered ${unanswered.length}, over and a new Service at all routers after ${(tookMs / 1_000).toFixed(1)} s`;
  if (process.env.METALLB_FAULT_FIGURES !== undefined)
    appendFileSync(process.env.METALLB_FAULT_FIGURES, `${fault.id}: ${figures}\n`);

  const ended = fault.sessionsEndOn.map(addressOfNode);
  const each = (what: readonly string[]): readonly string[] =>
    cluster.routers.flatMap(({ name }) => what.map((one) => `${name} ${one}`)).sort();
  // FRR ends one a second time where a killed speaker is back before its BFD has noticed (docs/reference/bfd.md); those of other nodes it may not.
  expect([...new Set(sessionsDropped)].sort()).toEqual(each(ended));
  const mayGo = each((fault.goes?.(prepared) ?? []).map((ip) => `${ip}/32`));
  expect(routesLost.filter((route) => !mayGo.includes(route))).toEqual([]);
  if (fault.answered) expect(unanswered).toEqual([]);

  await untilStatusesAreTrue(stage);
  for (const component of COMPONENTS) {
    const { log, metrics, events } = fault[component];
    const logged = await stage.loggedSince(component, since);
    expect(log.filter((name) => !logged.has(name))).toEqual([]);
    expect(metrics.filter((name) => !changed.has(name))).toEqual([]);
    await until(`events ${events.join(', ')}`, () => stage.events(), {
      timeoutMs: TOLD_MS,
      everyMs: 500,
      done: (now) => {
        const told = [...now].flatMap(([id, reason]) => (eventsBefore.has(id) ? [] : [reason]));
        return events.every((reason) => told.includes(reason));
      },
    });
  }
}

/** Asks as a client does, until it is told to end; what was not answered. */
async function askUntil(stage: FaultStage, end: AbortSignal): Promise<readonly string[]> {
  const failures: string[] = [];
  while (!end.aborted) {
    const answer = await stage.curl();
    if (!answer.includes('Welcome to nginx!')) failures.push(answer.trim());
    await sleep(ASK_EVERY_MS);
  }
  return failures;
}

const untilStatusesAreTrue = (stage: FaultStage): Promise<unknown> =>
  until('true statuses', () => statuses(stage), {
    timeoutMs: TOLD_MS,
    everyMs: 500,
    done: ({ said, so }) => JSON.stringify(said) === JSON.stringify(so),
  });
