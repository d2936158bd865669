/**
 * Controller and speakers on the embedded API server: what they write, what a burst of Services costs, memory, and how long the event loop is
 * held up. Each daemon is a process as in a cluster; API server, routers and whoever creates Services are others. No root.
 */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ENDPOINT_SLICE, SERVICE } from '../src/kube/resource-types.ts';
import { NODES, PEERS, serviceOf, sliceOf } from './kubernetes/objects.ts';
import { type DaemonUnderTest, isWrite, type RequestFigures, Stage } from './kubernetes/stage.ts';
import { measure } from './measure.ts';
import { demand, fixed, median, print, table } from './report.ts';

/** `npm run build`. */
const BUILD = resolve(import.meta.dirname, '../deploy/image/build-main.ts');

const BURST = 1_000;
const PER_SECOND = 100;
const BYSTANDERS = 60;
const MANY = 10_000;
/** A blocked event loop is late for KEEPALIVEs, probes and everything else. */
const BLOCKED_MS = 25;

export async function kubernetes(runs: number): Promise<void> {
  await promisify(execFile)(process.execPath, [BUILD]);
  for (let run = 1; run <= runs; run++) await burst(run);
  await many();
  await reflector(runs);
}

const seconds = (value: number): string => `${fixed(value, 2)} s`;
const sum = (requests: readonly RequestFigures[], field: 'count' | 'changed'): number =>
  requests.reduce((total, request) => total + request[field], 0);

/** 1,000 Services at 100 a second beside bystanders, one of which is deleted; then all are deleted. */
async function burst(run: number): Promise<void> {
  print(
    `\n${BURST} Services at ${PER_SECOND}/s beside ${BYSTANDERS}, ${NODES.length} speakers x ${PEERS} routers, run ${run}`,
  );
  await using stage = await Stage.create(BYSTANDERS);
  await stage.everywhere(BYSTANDERS);
  await stage.quiet();
  const daemons = [stage.controller, ...stage.speakers];
  const before = daemons.map(({ cpuSeconds }) => cpuSeconds);
  await stage.resetRequests();
  const { tookMs, late } = await create(stage, BURST);
  const createdAt = performance.now();
  const there = (await stage.everywhere(BYSTANDERS + BURST)) - createdAt;
  const routed = await stage.requests();
  const [controllerCpu = Number.NaN, ...speakerCpu] = daemons.map(({ cpuSeconds }, i) => cpuSeconds - (before[i] ?? 0));
  const speakersCpu = speakerCpu.reduce((a, b) => a + b, 0);
  const serviceWrites = routed.filter((request) => isWrite(request) && request.resource === 'services');
  table([
    ['WHAT', 'FIGURE'],
    ['all creates returned after', seconds(tookMs / 1_000)],
    ['last create to the last route at the last router', `${fixed(Math.max(0, there), 0)} ms`],
    ['CPU of the controller', seconds(controllerCpu)],
    ['CPU of the speakers, together', seconds(speakersCpu)],
    ['writes of the product to Services', String(sum(serviceWrites, 'count'))],
    ['creates that came late by more than 50 ms', String(late)],
  ]);
  demand(`every route at every router ${fixed(there, 0)} ms after the last create, within 1,000`, there <= 1_000);
  demand(`controller ${seconds(controllerCpu)} of CPU, at most 4`, controllerCpu <= 4);
  demand(`speakers ${seconds(speakersCpu)} of CPU, at most 6`, speakersCpu <= 6);
  demand(
    `2 writes before a route is up: the user's, and ${sum(serviceWrites, 'count')} of ours for ${BURST} Services`,
    sum(serviceWrites, 'count') === BURST,
  );
  await deletes(stage);
}

async function create(stage: Stage, count: number): Promise<{ readonly tookMs: number; readonly late: number }> {
  const start = performance.now();
  const pending: Promise<unknown>[] = [];
  let late = 0;
  for (let i = 0; i < count; i++) {
    const due = start + (i * 1_000) / PER_SECOND;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    else if (wait < -50) late++;
    pending.push(
      (async () => {
        await stage.api.create(ENDPOINT_SLICE, sliceOf(`burst-${i}`) as never, signal());
        await stage.api.create(SERVICE, serviceOf(`burst-${i}`) as never, signal());
      })(),
    );
  }
  await Promise.all(pending);
  return { tookMs: performance.now() - start, late };
}

async function deletes(stage: Stage): Promise<void> {
  // What is written behind the routes, at 10 a second and node, is given the time to end for a part of the Services only.
  await sleep(3_000);
  await stage.resetRequests();
  const one = { namespace: 'default', name: 'seed-0' };
  await stage.api.delete(SERVICE, one, signal());
  await stage.everywhere(BYSTANDERS + BURST - 1);
  await sleep(1_000);
  const toServices = (await stage.requests()).filter((request) => isWrite(request) && request.resource === 'services');
  demand(
    `one of ${BYSTANDERS + BURST} Services deleted: ${sum(toServices, 'count')} writes to others, none wanted`,
    sum(toServices, 'count') === 0,
  );
  for (let i = 0; i < BURST; i++) {
    await stage.api.delete(SERVICE, { namespace: 'default', name: `burst-${i}` }, signal());
    await stage.api.delete(ENDPOINT_SLICE, { namespace: 'default', name: `burst-${i}-abcde` }, signal());
  }
  await stage.everywhere(BYSTANDERS - 1);
  await sleep(2_000);
  const writes = (await stage.requests()).filter((request) => isWrite(request) && request.code < 300);
  const idle = sum(writes, 'count') - sum(writes, 'changed');
  table([
    ['WRITES OF THE PRODUCT MEANWHILE', 'COUNT', 'THAT CHANGED NOTHING'],
    ...Object.entries(Object.groupBy(writes, ({ resource }) => resource)).map(([resource, requests = []]) => [
      resource,
      String(sum(requests, 'count')),
      String(sum(requests, 'count') - sum(requests, 'changed')),
    ]),
  ]);
  demand(`${idle} writes that change nothing, over ${BURST} creates and deletes; none wanted`, idle === 0);
}

/**
 * A cluster that has 10,000 Services when the controller starts, which gives each its address; and when, after that, a speaker starts. One after the
 * other, since neither is alone: the API server has as much to do as who reads, and there may be no more than two processors.
 */
async function many(): Promise<void> {
  print(
    `\n${MANY} Services are there when the controller starts, and have addresses when a speaker x ${PEERS} routers does`,
  );
  await using stage = await Stage.create(MANY, 1, 'later');
  const rows = [['DAEMON', 'RESIDENT', 'LARGEST', 'LOOP HELD UP', 'COMPUTING', 'LONGEST GC']];
  const figures: {
    readonly name: string;
    readonly resident: number;
    readonly held: number;
    readonly computing: number;
  }[] = [];
  const take = async (name: string, daemon: DaemonUnderTest): Promise<void> => {
    const { byTime, byCpu, gcMs } = await daemon.loop();
    const [held, computing] = [byTime[0]?.ms ?? Number.NaN, byCpu[0]?.cpuMs ?? Number.NaN];
    const resident = daemon.megabytes('VmRSS');
    figures.push({ name, resident, held, computing });
    const ms = (value: number): string => `${fixed(value)} ms`;
    rows.push([
      name,
      `${fixed(resident)} MB`,
      `${fixed(daemon.megabytes('VmHWM'))} MB`,
      ms(held),
      ms(computing),
      ms(gcMs),
    ]);
  };
  await stage.serviceWrites(MANY);
  await sleep(1_000);
  await take('controller', stage.controller);
  const start = performance.now();
  const speaker = stage.startSpeaker(0);
  await stage.everywhere(MANY);
  const took = performance.now() - start;
  await sleep(5_000);
  await take('speaker', speaker);
  table(rows);
  print(`  every route at every router ${fixed(took / 1_000)} s after the speaker was started`);
  for (const { name, resident, held, computing } of figures) {
    demand(`${name} in 130 MB (${fixed(resident)} MB)`, resident <= 130);
    demand(
      `${name}'s event loop is held up for at most ${BLOCKED_MS} ms (${fixed(held)} ms, of which it computes ${fixed(computing)})`,
      held <= BLOCKED_MS,
    );
  }
}

/** Our reflector and client-node's informer, each in a process of its own, read the same 10,000 Services of the same server. */
async function reflector(runs: number): Promise<void> {
  print(`\nReading ${MANY} Services: our reflector beside the informer of @kubernetes/client-node`);
  await using stage = await Stage.create(MANY, 0);
  await stage.quiet();
  await stage.controller.end();
  const rows = [['READER', 'TIME', 'LARGEST RESIDENT MEMORY']];
  const results = [];
  for (const reader of ['reflector', 'informer']) {
    const measured = [];
    for (let i = 0; i < runs; i++) {
      const script = join(import.meta.dirname, 'kubernetes', `${reader}-run.ts`);
      const {
        status,
        seconds: took,
        peakMegabytes,
        stderr,
      } = await measure(process.execPath, [script, stage.kubeconfig], import.meta.dirname);
      if (status !== 0) throw new Error(`${reader}: ${stderr}`);
      measured.push({ took, peakMegabytes });
    }
    const took = median(measured.map((each) => each.took));
    const peak = median(measured.map((each) => each.peakMegabytes));
    results.push({ took, peak });
    rows.push([reader, seconds(took), `${fixed(peak)} MB`]);
  }
  table(rows);
  const [ours, theirs] = results;
  if (ours === undefined || theirs === undefined) return;
  print(`  time ${fixed(theirs.took / ours.took, 2)} x, memory ${fixed(theirs.peak / ours.peak, 2)} x of ours`);
  demand('in no more time, and no more memory', ours.took <= theirs.took && ours.peak <= theirs.peak);
}

const signal = (): AbortSignal => AbortSignal.timeout(60_000);
