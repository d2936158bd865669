/** Runs a process and measures it from outside: time, largest resident memory, bytes and lines of its output. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Measured {
  readonly status: number | null;
  readonly seconds: number;
  /** The kernel's high-water mark of resident memory, sampled: VmHWM of /proc/PID/status. */
  readonly peakMegabytes: number;
  readonly outputBytes: number;
  readonly outputLines: number;
  readonly stderr: string;
}

const SAMPLE_MS = 20;

/** @param env - what the process's environment has beside ours. */
export function measure(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let outputBytes = 0;
    let outputLines = 0;
    let stderr = '';
    let peakMegabytes = 0;
    const sample = (): void => {
      peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid));
    };
    const sampling = setInterval(sample, SAMPLE_MS);
    child.stdout.on('data', (chunk: Buffer) => {
      outputBytes += chunk.length;
      for (const byte of chunk) if (byte === 10) outputLines++;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (status) => {
      clearInterval(sampling);
      resolve({ status, seconds: (performance.now() - start) / 1000, peakMegabytes, outputBytes, outputLines, stderr });
    });
  });
}

function peakOf(pid: number | undefined): number {
  try {
    const match = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(match?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it has ended
  }
}
