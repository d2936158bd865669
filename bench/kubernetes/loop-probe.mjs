/**
 * Loaded into a daemon by `--import`: how long its event loop was held up at once since it said `starting`, which is after its modules are loaded;
 * and how much of that its own thread was computing, which is what is left of it on a machine that has other work.
 * On SIGUSR2 it writes JSON to the file that LOOP_PROBE names, and begins anew.
 */
import { writeFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

const file = process.env.LOOP_PROBE;
const RESOLUTION_MS = 1;
const KEPT = 10;

if (file !== undefined) {
  let gaps = [];
  let gcMs = 0;
  let last;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gcMs = Math.max(gcMs, duration);
  }).observe({ entryTypes: ['gc'] });

  const tick = () => {
    const [at, { user, system }] = [performance.now(), process.threadCpuUsage()];
    const now = { at, cpu: (user + system) / 1_000 };
    if (last !== undefined) {
      gaps.push({ ms: now.at - last.at, cpuMs: now.cpu - last.cpu });
      if (gaps.length > 1_000) keepLongest();
    }
    last = now;
    setTimeout(tick, RESOLUTION_MS).unref();
  };
  const longest = (field) => [...gaps].sort((a, b) => b[field] - a[field]).slice(0, KEPT);
  const keepLongest = () => {
    gaps = [...new Set([...longest('ms'), ...longest('cpuMs')])];
  };

  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (chunk, ...rest) => {
    if (last === undefined && String(chunk).includes('"event":"starting"')) {
      gcMs = 0;
      tick();
    }
    return write(chunk, ...rest);
  };
  process.on('SIGUSR2', () => {
    writeFileSync(file, JSON.stringify({ byTime: longest('ms'), byCpu: longest('cpuMs'), gcMs }));
    gaps = [];
    gcMs = 0;
  });
}
