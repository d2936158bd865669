/**
 * The guide's manifests: word for word the guide's, complete, and applied one after the other as a reader would.
 *
 * The guide itself is no part of the repository. Where it is not found (METALLB_GUIDE, else beside the checkout), the comparison is
 * skipped with that reason; the files are applied all the same. What is found at each step is in `golden/guide/`, one file for each
 * chapter, which a reviewer reads against the guide: `vitest -u` writes them anew.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatCommunity } from '../src/config/community.ts';
import type { KeySource } from '../src/config/peer.ts';
import { type Finding, formatFieldPath } from '../src/config/problem.ts';
import { collectResources, type ManifestObject } from '../src/manifest/collect.ts';
import { parseManifests } from '../src/manifest/manifest.ts';
import { formatIp } from '../src/net/ip.ts';
import { formatIpRange } from '../src/net/ip-range.ts';
import { DEFAULT_PLAN_OPTIONS } from '../src/plan/snapshot.ts';
import { type BuiltSnapshot, buildSnapshot } from '../src/plan/snapshot-builder.ts';

const EXAMPLES = resolve(import.meta.dirname, '../examples/guide');
const GUIDE = process.env.METALLB_GUIDE ?? resolve(import.meta.dirname, '../../shared/guide.md');
const CHAPTERS = readFileSync(join(EXAMPLES, 'ORDER'), 'utf8').trim().split('\n');
/** Where the guide's order is not that of the names. */
const READING_ORDER: Readonly<Record<string, readonly string[]>> = {
  'bgp-peer-authentication': ['bgp-peer-authenticated.yaml', 'bgp-auth-secret.yaml'],
};

const filesOf = (folder: string): readonly string[] =>
  READING_ORDER[folder] ??
  readdirSync(join(EXAMPLES, folder))
    .filter((file) => file.endsWith('.yaml'))
    .sort();

/** The YAML blocks of a Markdown text in order: under which heading, and the content with its last line break. */
function yamlBlocks(markdown: string): readonly { readonly heading: string; readonly content: string }[] {
  const blocks: { heading: string; content: string }[] = [];
  let heading = '';
  let open: { language: string; lines: string[] } | undefined;
  for (const line of markdown.split('\n')) {
    if (open !== undefined && line !== '```') open.lines.push(line);
    else if (open !== undefined) {
      if (open.language === 'yaml') blocks.push({ heading, content: open.lines.map((l) => `${l}\n`).join('') });
      open = undefined;
    } else if (line.startsWith('```')) open = { language: line.slice(3), lines: [] };
    else if (/^#+ /.test(line)) heading = line.replace(/^#+ /, '');
  }
  return blocks;
}

if (!existsSync(GUIDE)) console.log(`skipped: examples against the guide's text (no guide at METALLB_GUIDE)`);

describe.skipIf(!existsSync(GUIDE))('the guide, word for word', () => {
  const blocks = existsSync(GUIDE) ? yamlBlocks(readFileSync(GUIDE, 'utf8')) : [];

  it('has a file for each block, in the order of the chapters and inside of each', () => {
    const files = CHAPTERS.flatMap((folder) => filesOf(folder));
    expect(blocks.map(({ content }) => content.split('\n')[0])).toEqual(files.map((file) => `# ${file}`));
    const contents = CHAPTERS.flatMap((folder) =>
      filesOf(folder).map((f) => readFileSync(join(EXAMPLES, folder, f), 'utf8')),
    );
    expect(contents).toEqual(blocks.map(({ content }) => content));
  });

  it('has one folder for each heading with YAML', () => {
    const folderOf = CHAPTERS.flatMap((folder) => filesOf(folder).map(() => folder));
    const pairs = new Set(blocks.map(({ heading }, i) => `${heading} = ${folderOf[i]}`));
    expect(pairs.size).toBe(CHAPTERS.length);
    expect(new Set(blocks.map(({ heading }) => heading)).size).toBe(CHAPTERS.length);
  });
});

describe('examples/guide', () => {
  it('names every chapter folder in ORDER, and nothing else; cluster is no chapter', () => {
    const folders = readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect([...CHAPTERS, 'cluster'].sort()).toEqual(folders.map((folder) => folder.name).sort());
    expect(new Set(CHAPTERS).size).toBe(CHAPTERS.length);
  });

  it('holds in cluster what the guide assumes and does not print', () => {
    const snapshot = new Reader().apply('cluster', 'nodes.yaml', 'nginx-lb-endpoints.yaml', 'secrets.yaml').snapshot;
    expect(
      snapshot.nodes.map((node) => [node.name, node.labels['kubernetes.io/os'], node.labels['kubernetes.io/hostname']]),
    ).toEqual(['node1', 'node2', 'node3'].map((name) => [name, 'linux', name]));
    expect(snapshot.findings).toEqual([]);
  });
});

/** A reader with a cluster: each file that is applied replaces the objects of its names. */
class Reader {
  readonly #objects = new Map<string, ManifestObject>();
  #snapshot: BuiltSnapshot | undefined;

  get snapshot(): BuiltSnapshot {
    if (this.#snapshot === undefined) throw new Error('nothing was applied yet');
    return this.#snapshot;
  }

  apply(
    folder: string,
    ...names: readonly string[]
  ): { readonly snapshot: BuiltSnapshot; readonly findings: readonly Finding[] } {
    const files = names.map((name) => {
      const file = parseManifests(`${folder}/${name}`, readFileSync(join(EXAMPLES, folder, name), 'utf8'));
      if (!file.ok) throw new Error(`${file.error.file}:${file.error.line}: ${file.error.message}`);
      return file.value;
    });
    const collected = collectResources(files, DEFAULT_PLAN_OPTIONS);
    for (const object of collected.resources)
      this.#objects.set(`${object.kind}/${object.metadata.namespace}/${object.metadata.name}`, object);
    this.#snapshot = buildSnapshot([...this.#objects.values()], DEFAULT_PLAN_OPTIONS, this.#snapshot);
    return { snapshot: this.#snapshot, findings: [...collected.findings, ...this.#snapshot.findings] };
  }
}

/** What is in force and what is found, a line each. */
function facts({ config, services }: BuiltSnapshot, findings: readonly Finding[]): readonly string[] {
  return [
    ...config.pools.map(
      ({ name, ranges, autoAssign }) =>
        `pool ${name}: ${ranges.map(formatIpRange).join(' ')}${autoAssign ? '' : ', on request only'}`,
    ),
    ...config.peers.map((peer) => {
      const address = peer.peerAddress === null ? '' : formatIp(peer.peerAddress);
      const key = peer.authentication.type === 'none' ? 'no key' : `key from ${sourceOf(peer.authentication.source)}`;
      return `peer ${peer.name}: AS ${peer.myASN} to ${address} AS ${peer.peerASN}, hold ${peer.holdTimeSeconds} s, ${key}`;
    }),
    ...config.bgpAdvertisements.map((a) => {
      const communities = a.communities.map(formatCommunity).join(' ') || 'no community';
      return `advertisement ${a.name}: /${a.aggregationLength} to ${a.peers.join(' ') || 'all peers'}, ${communities}`;
    }),
    ...services.map((service) => `service ${service.key}: ${service.type}`),
    ...findings.map(({ severity, rule, object, path, message }) => {
      const at = formatFieldPath(path);
      return `${severity} ${rule} ${object?.kind}/${object?.name}${at === '' ? '' : ` ${at}`}\n    ${message}`;
    }),
  ];
}

const sourceOf = (source: KeySource): string => (source.type === 'secret' ? `Secret ${source.name}` : 'its text');

/** What a reviewer reads: what a file changes of the facts before it. */
function changes(file: string, before: readonly string[], after: readonly string[]): string {
  const gone = before.filter((fact) => !after.includes(fact)).map((fact) => `- ${fact}`);
  const come = after.filter((fact) => !before.includes(fact)).map((fact) => `+ ${fact}`);
  const lines = [...gone, ...come];
  return [file, ...(lines.length === 0 ? ['(nothing changes)'] : lines), ''].join('\n');
}

describe('a reader who applies the chapters one after the other', () => {
  const reader = new Reader();
  reader.apply('cluster', 'nodes.yaml');
  let before: readonly string[] = [];
  const steps = [...CHAPTERS, 'cluster'].map((chapter) => {
    const files = chapter === 'cluster' ? ['secrets.yaml'] : filesOf(chapter);
    let left: readonly Finding[] = [];
    const texts = files.map((file) => {
      const { snapshot, findings } = reader.apply(chapter, file);
      const after = facts(snapshot, findings);
      const text = changes(file, before, after);
      before = after;
      left = findings;
      return text;
    });
    return { chapter, text: texts.join('\n'), left };
  });

  it.each(steps.map(({ chapter, text }, i) => [i + 1, chapter, text] as const))(
    'step %i, %s',
    async (i, chapter, text) => {
      const name = `${String(i).padStart(2, '0')}-${chapter}.txt`;
      await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'golden/guide', name));
    },
  );

  it('is left with no error at the end of any chapter', () => {
    for (const { left } of steps) expect(left.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
