/**
 * The embedded API server as a process of its own, so that what it costs is not counted as the product's.
 *
 * Argument: JSON {kubeconfig: FILE}. Prints JSON lines: `listening`, and the answers to commands on standard input: `seed N` makes N Services
 * with an EndpointSlice each, `reset` forgets the counts of requests, `stats` tells them, `assigned` how many Services have an address.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { PARTS } from '../../src/apiserver/parts.ts';
import { startApiServer } from '../../src/apiserver/start.ts';
import type { ApiObject } from '../../src/apiserver/types.ts';
import { LocalApi } from '../../src/demo/local-api.ts';
import { parseManifests } from '../../src/manifest/manifest.ts';
import { systemClock } from '../../src/time/clock.ts';
import { clusterObjects, serviceOf, sliceOf } from './objects.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CRDS = join(ROOT, 'deploy/crds');

const { kubeconfig } = JSON.parse(process.argv[2] ?? '{}') as { readonly kubeconfig: string };
const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);

const server = await startApiServer({
  parts: PARTS,
  clock: systemClock,
  wallClock: Date.now,
  serviceCidrs: ['10.96.0.0/12'],
});

/** What is written from within is counted as no request. */
const api = new LocalApi(server.api, 'bench');
const types = new Map<string, ReturnType<LocalApi['typeOf']>>();
function create(object: ApiObject): void {
  const type = types.get(object.kind) ?? api.typeOf(object);
  types.set(object.kind, type);
  api.create(type, object);
}

function crds(): readonly ApiObject[] {
  return readdirSync(CRDS)
    .filter((file) => file.startsWith('metallb.io_'))
    .flatMap((file) => {
      const parsed = parseManifests(file, readFileSync(join(CRDS, file), 'utf8'));
      if (!parsed.ok) throw new Error(parsed.error.message);
      return parsed.value.documents.map(({ value }) => value as ApiObject);
    });
}

for (const object of [...crds(), ...clusterObjects()]) create(object);
writeFileSync(kubeconfig, server.kubeconfig(), { mode: 0o600 });
say({ type: 'listening' });

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [command, argument] = line.split(' ');
    if (command === 'seed') {
      for (let i = 0; i < Number(argument); i++) {
        create(sliceOf(`seed-${i}`));
        create(serviceOf(`seed-${i}`));
      }
      say({ type: 'seeded' });
    } else if (command === 'reset') {
      server.resetStats();
      say({ type: 'reset' });
    } else if (command === 'stats') say({ type: 'stats', requests: server.stats().requests });
    else say({ type: 'unknown', line });
  })
  .on('close', () => process.exit(0));
