/** What each library and thread of a daemon costs in memory: a process of its own for each, which loads it alone, and the whole daemons at rest. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { NODE_ENVIRONMENT, NODE_FLAGS } from '../deploy/image/base-image.ts';
import { BUNDLING, buildBundle, builtins } from '../deploy/image/bundle.ts';
import { Stage } from './kubernetes/stage.ts';
import { fixed, median, print, table } from './report.ts';

const ROOT = resolve(import.meta.dirname, '..');
const run = promisify(execFile);

interface Megabytes {
  readonly resident: number;
  /** Of no file: heap, stacks, tables. The rest is the text of programs, which processes share. */
  readonly anonymous: number;
}

/** What is loaded: statements of a module that is bundled as the program is, with as much of a package as the program has of it. */
const PARTS: Readonly<Record<string, string>> = {
  'TLS and HTTP (node:https)': "import https from 'node:https'; https.globalAgent.destroy();",
  'koffi, with the functions of the C library': "import './src/io/linux/libc.ts';",
  'pino (the log)':
    "import { createLogger } from './src/io/logger.ts'; createLogger('info', { write() {} }).info('x');",
  'prom-client (metrics)': "import './src/daemon/metrics-text.ts';",
  'yaml (folders, kubeconfigs)': "import { parse } from 'yaml'; parse('a: [1, 2]');",
  'zod (the schemas of our kinds)': "import './src/crd/kinds.ts';",
  'commander (the command line)': "import { Command } from 'commander'; new Command();",
  'a thread, empty':
    "import { Worker } from 'node:worker_threads'; new Worker('setInterval(() => {}, 1000)', { eval: true });",
  "the program's text, and the speaker's command line":
    "process.argv.push('speaker', '--help'); process.stdout.write = () => true; import('./src/cli/main.ts');",
};

/** Says on standard error what it is at the end. */
const scriptOf = (part: string): string => `
  ${part}
  import { readFileSync } from 'node:fs';
  const say = () => {
    process.stderr.write(readFileSync('/proc/self/smaps_rollup'));
    process.reallyExit(0);
  };
  process.on('exit', say);
  setTimeout(say, 500);
`;

function megabytesOf(rollup: string): Megabytes {
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? Number.NaN) / 1024;
  return { resident: field('Rss'), anonymous: field('Anonymous') };
}

async function processWith(part: string, folder: string, runs: number): Promise<Megabytes> {
  const outfile = join(folder, 'part.mjs');
  await build({
    ...BUNDLING,
    plugins: [builtins],
    define: { METALLB_VERSION: '"0"' },
    stdin: { contents: scriptOf(part), resolveDir: ROOT },
    outfile,
  });
  const env = { ...process.env, ...NODE_ENVIRONMENT };
  const seen = [];
  for (let i = 0; i < runs; i++)
    seen.push(megabytesOf((await run(process.execPath, [...NODE_FLAGS, outfile], { cwd: ROOT, env })).stderr));
  return {
    resident: median(seen.map(({ resident }) => resident)),
    anonymous: median(seen.map(({ anonymous }) => anonymous)),
  };
}

const row = (name: string, sign: string, { resident, anonymous }: Megabytes): string[] => [
  name,
  ...[resident, anonymous].map((value) => `${sign}${fixed(value)} MB`),
];

export async function memory(runs: number): Promise<void> {
  await run(process.execPath, [join(ROOT, 'deploy/image/build-main.ts')]);
  print('\nMemory of libraries and threads, each alone beside Node.js; RESIDENT is ANONYMOUS and pages of files');
  const folder = mkdtempSync(join(tmpdir(), 'metallb-bench-'));
  const rows = [['WHAT', 'RESIDENT', 'ANONYMOUS']];
  try {
    // With koffi's addon beside it.
    await buildBundle(folder);
    const bare = await processWith('', folder, runs);
    rows.push(row('Node.js itself', '', bare));
    for (const [name, part] of Object.entries(PARTS)) {
      const { resident, anonymous } = await processWith(part, folder, runs);
      const grown = { resident: resident - bare.resident, anonymous: anonymous - bare.anonymous };
      rows.push(row(name, '+', grown));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  await using stage = await Stage.create(0, 1);
  await sleep(8_000);
  for (const [name, daemon] of [
    ['controller at rest', stage.controller],
    ['speaker at rest, 4 peers', stage.speakers[0]],
  ] as const)
    if (daemon !== undefined)
      rows.push(row(name, '', megabytesOf(readFileSync(`/proc/${daemon.pid}/smaps_rollup`, 'utf8'))));
  table(rows);
}
