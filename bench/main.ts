/** `npm run bench`: what bench/README.md describes, as tables. Flags: `--only engine|plan|lint|world|memory|kubernetes|daemons|load|bfd` (again for several), `--runs N`. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { bfd } from './bfd.ts';
import { daemons } from './daemons.ts';
import { engine } from './engine.ts';
import { kubernetes } from './kubernetes.ts';
import { linting } from './linting.ts';
import { load } from './load.ts';
import { memory } from './memory.ts';
import { planning } from './planning.ts';
import { boundsMissed, fixed, print } from './report.ts';
import { world } from './world.ts';

const PARTS = { engine, plan: planning, lint: linting, world, memory, kubernetes, daemons, load, bfd } as const;
type Part = keyof typeof PARTS;
const isPart = (text: string): text is Part => text in PARTS;

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, runs: { type: 'string', default: '3' } },
});
const runs = Number(values.runs);
const only = values.only ?? Object.keys(PARTS);
if (!only.every(isPart) || !Number.isInteger(runs) || runs < 1) {
  process.stderr.write(`usage: npm run bench -- [--only ${Object.keys(PARTS).join('|')}]... [--runs N]\n`);
  process.exit(2);
}

const distribution = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
print(
  `${cpus().length} x ${cpus()[0]?.model.trim()}, ${fixed(totalmem() / 2 ** 30, 0)} GiB, ${distribution}, kernel ${release()}`,
);
print(`Node.js ${process.version}; medians of ${runs} runs; load average at the start ${fixed(loadavg()[0] ?? 0, 2)}`);
for (const part of only) await PARTS[part](runs);
process.exitCode = boundsMissed() ? 1 : 0;
