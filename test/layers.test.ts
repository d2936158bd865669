/**
 * The architecture as a test: which folder may import which, and which packages (docs/adr/0001-layers.md).
 *
 * Each import of each source file is looked up here. A folder that is not listed fails, so that a new one is placed on purpose.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

interface Place {
  readonly layer: 0 | 1 | 2 | 3 | 4;
  /** Packages and Node's own modules that may be imported here. */
  readonly packages?: readonly (string | RegExp)[];
}

const NODE = /^node:/;

/** Longest match wins: a file's own entry comes before its folder's. */
const PLACES: Readonly<Record<string, Place>> = {
  'result.ts': { layer: 0 },
  'secret.ts': { layer: 0 },
  'compact-list.ts': { layer: 0 },
  'compare-text.ts': { layer: 0 },
  'error-message.ts': { layer: 0 },
  'interner.ts': { layer: 0 },
  'is-json-object.ts': { layer: 0 },
  net: { layer: 0 },
  wire: { layer: 0 },
  // Pure hashes: the one thing below layer 3 that comes from Node (design: digests of layer 2 election and BFD authentication).
  'wire/digest.ts': { layer: 0, packages: ['node:crypto'] },
  time: { layer: 0 },
  bgp: { layer: 1 },
  bfd: { layer: 1 },
  crd: { layer: 2, packages: ['zod', 'zod/mini'] },
  'crd/render.ts': { layer: 2, packages: ['yaml'] },
  // What `npm run crds` starts; nothing imports it.
  'crd/main.ts': { layer: 4, packages: [NODE] },
  config: { layer: 2, packages: ['zod', 'zod/mini'] },
  cluster: { layer: 2, packages: ['zod', 'zod/mini'] },
  manifest: { layer: 2, packages: ['yaml'] },
  allocator: { layer: 2 },
  announce: { layer: 2 },
  plan: { layer: 2 },
  lint: { layer: 2 },
  explain: { layer: 2 },
  'router-config': { layer: 2 },
  document: { layer: 2 },
  io: { layer: 3, packages: [NODE, 'pino'] },
  'io/linux': { layer: 3, packages: [NODE] },
  'io/linux/libc.ts': { layer: 3, packages: ['koffi'] },
  kube: { layer: 3, packages: [NODE, 'yaml'] },
  apiserver: { layer: 3, packages: [NODE, 'yaml'] },
  follow: { layer: 4 },
  report: { layer: 4 },
  controller: { layer: 4, packages: [NODE] },
  speaker: { layer: 4, packages: [NODE, 'yaml'] },
  daemon: { layer: 4, packages: [NODE] },
  'daemon/metrics-text.ts': { layer: 4, packages: [/^prom-client\/lib\//] },
  'daemon/prom-client.d.ts': { layer: 4, packages: ['prom-client'] },
  cli: { layer: 4, packages: [NODE, 'commander', 'yaml'] },
  demo: { layer: 4, packages: [NODE] },
};

/** Protocols must not know each other: the speaker joins them. */
const PROTOCOLS = ['bgp', 'bfd', 'l2'];

const IMPORT = /^\s*(?:import|export)\s(?:[^'"]*?\sfrom\s+)?'([^']+)'/gm;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/(^|\/)testing\//.test(file))
  .sort();

function placeOf(file: string): Place | undefined {
  for (let path = file; path !== '.'; path = dirname(path)) if (PLACES[path] !== undefined) return PLACES[path];
  return undefined;
}

const importsOf = (file: string): string[] =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(IMPORT)].map((match) => match[1] as string);

describe.each(files)('%s', (file) => {
  const place = placeOf(file);

  it('imports only what lies below it', () => {
    expect(place, 'a folder without a layer: list it in this test').toBeDefined();
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith('.')) {
        const allowed = place?.packages ?? [];
        expect(
          allowed.some((a) => (typeof a === 'string' ? a === specifier : a.test(specifier))),
          `${specifier} may not be imported here`,
        ).toBe(true);
        continue;
      }
      const target = relative(SRC, resolve(dirname(join(SRC, file)), specifier));
      expect(placeOf(target)?.layer, `${target} has no layer`).toBeDefined();
      expect(placeOf(target)?.layer, `${target} lies above`).toBeLessThanOrEqual(place?.layer as number);
      const [from, to] = [file.split('/')[0] as string, target.split('/')[0] as string];
      if (PROTOCOLS.includes(from) && from !== to) expect(PROTOCOLS, 'a sibling protocol').not.toContain(to);
      if (from !== 'demo') expect(to, 'nothing imports the demo').not.toBe('demo');
    }
  });

  it('reads the clock, chance, the environment and the command line only where it may', () => {
    const source = readFileSync(join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    const pure = (place?.layer ?? 0) <= 2 && file !== 'time/clock.ts';
    if (pure)
      expect(source).not.toMatch(
        /\b(?:Date\.now|new Date\(\)|Math\.random|performance\.|setTimeout|setInterval|process\.)/,
      );
    if (!/(?:^|\/|-)main\.ts$/.test(file)) expect(source).not.toMatch(/\bprocess\.(?:env|argv)\b/);
  });
});

it('lists only places that exist', () => {
  const existing = new Set(
    files.flatMap((file) => {
      const paths: string[] = [];
      for (let path = file; path !== '.'; path = dirname(path)) paths.push(path);
      return paths;
    }),
  );
  expect(Object.keys(PLACES).filter((place) => !existing.has(place))).toEqual([]);
});
