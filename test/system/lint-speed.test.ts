/** How long `metallb lint` takes, start of the process included: 500 objects in 2 s, and 10,000 faulty ones in seconds. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'metallb-lint-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Json = Readonly<Record<string, unknown>>;

const object = (apiVersion: string, kind: string, name: string, rest: Json, metadata: Json = {}): Json => ({
  apiVersion,
  kind,
  metadata: { name, ...metadata },
  ...rest,
});
const many = (count: number, make: (i: number) => Json): readonly Json[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** A cluster as a large user has it. */
const CLUSTER: readonly Json[] = [
  ...many(20, (i) =>
    object('metallb.io/v1beta1', 'IPAddressPool', `p${i}`, { spec: { addresses: [`10.${i}.0.0/24`] } }),
  ),
  ...many(20, (i) =>
    object('metallb.io/v1beta2', 'BGPPeer', `r${i}`, {
      spec: {
        myASN: 64513,
        peerASN: 64512,
        peerAddress: `172.16.0.${i + 1}`,
        nodeSelectors: [{ matchLabels: { rack: `${i % 10}` } }],
      },
    }),
  ),
  ...many(60, (i) =>
    object('metallb.io/v1beta1', 'BGPAdvertisement', `a${i}`, {
      spec: { ipAddressPools: [`p${i % 20}`], peers: [`r${i % 20}`], localPref: 100 + i },
    }),
  ),
  ...many(100, (i) =>
    object(
      'v1',
      'Node',
      `n${i}`,
      { status: { addresses: [{ type: 'InternalIP', address: `172.16.1.${i + 1}` }] } },
      { labels: { rack: `${i % 10}` } },
    ),
  ),
  ...many(150, (i) =>
    object('v1', 'Service', `s${i}`, {
      spec: {
        type: 'LoadBalancer',
        selector: { app: 'x' },
        externalTrafficPolicy: i % 2 === 0 ? 'Cluster' : 'Local',
        ports: [{ port: 80 }],
      },
    }),
  ),
  ...many(150, (i) =>
    object(
      'discovery.k8s.io/v1',
      'EndpointSlice',
      `s${i}-x`,
      { endpoints: [{ addresses: ['10.244.0.1'], nodeName: `n${i % 100}` }] },
      { labels: { 'kubernetes.io/service-name': `s${i}` } },
    ),
  ),
];

/** Each has two errors or more. */
const FAULTY: readonly Json[] = [
  ...many(2500, (i) =>
    object('metallb.io/v1beta1', 'IPAddressPool', `p${i}`, { spec: { addresses: ['x', 'y'], autoasign: 1 } }),
  ),
  ...many(2500, (i) =>
    object('metallb.io/v1beta2', 'BGPPeer', `r${i}`, { spec: { myASN: 'x', peerAddress: 'y', holdTime: 'z' } }),
  ),
  ...many(2500, (i) =>
    object('metallb.io/v1beta1', 'BGPAdvertisement', `a${i}`, {
      spec: { aggregationLength: 99, communities: ['nono'] },
    }),
  ),
  ...many(2500, (i) =>
    object('v1', 'Service', `s${i}`, { spec: { type: 'LoadBalancer', clusterIP: 'None', ports: [{ port: 'x' }] } }),
  ),
];

/** Block YAML, as kubectl prints it. */
function yamlOf(value: unknown, indent = ''): string {
  if (Array.isArray(value)) return value.map((entry) => `${indent}-${below(entry, indent)}`).join('');
  return Object.entries(value as Json)
    .map(([key, entry]) => `${indent}${JSON.stringify(key)}:${below(entry, indent)}`)
    .join('');
}
const below = (value: unknown, indent: string): string =>
  typeof value === 'object' ? `\n${yamlOf(value, `${indent}  `)}` : ` ${JSON.stringify(value)}\n`;

/** The tally, and the milliseconds; the best of some runs, because the machine has other work too. */
function lint(file: string, text: string, runs: number): { readonly tally: string; readonly ms: number } {
  const path = join(folder, file);
  writeFileSync(path, text);
  let ms = Number.POSITIVE_INFINITY;
  let tally = '';
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    let output = '';
    try {
      output = execFileSync(process.execPath, ['bin/metallb.js', 'lint', path], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
    } catch (error) {
      const { status, stdout } = error as { readonly status: number; readonly stdout: string };
      expect(status).toBe(1);
      output = stdout;
    }
    ms = Math.min(ms, performance.now() - start);
    tally = output.trimEnd().split('\n').at(-1) ?? '';
  }
  console.log(`lint ${file}: ${Math.round(ms)} ms, ${tally}`);
  return { tally, ms };
}

it('takes 2 s at most for 500 objects', () => {
  expect(CLUSTER).toHaveLength(500);
  const { tally, ms } = lint('cluster.yaml', CLUSTER.map((one) => yamlOf(one)).join('---\n'), 5);
  expect(tally).toMatch(/^0 errors, [1-9]\d* warnings/);
  expect(ms).toBeLessThan(2000);
});

it.each([
  ['faulty.yaml', FAULTY.map((one) => yamlOf(one)).join('---\n')],
  ['faulty-list.yaml', yamlOf({ apiVersion: 'v1', kind: 'List', items: FAULTY })],
  ['faulty-list.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: FAULTY }, null, 1)],
])('reports 10,000 faulty objects in seconds: %s', (file, text) => {
  const { tally, ms } = lint(file, text, 1);
  expect(Number(tally.split(' ')[0])).toBeGreaterThanOrEqual(20_000);
  expect(ms).toBeLessThan(30_000);
});
