/** What a kubelet's readiness probe finds out of a process on this machine. */
import { get } from 'node:http';

/** Often while it is awaited, seldom afterwards. */
const AWAITED_MS = 50;
const SETTLED_MS = 1_000;
const TIMEOUT_MS = 1_000;

/** Asks `/readyz` on loopback again and again, and tells each change. @returns ends it. */
export function probeReadiness(port: number, onChange: (ready: boolean) => void): () => void {
  let ready = false;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const ask = (): void => {
    const answered = (now: boolean): void => {
      if (stopped) return;
      if (now !== ready) onChange(now);
      ready = now;
      timer = setTimeout(ask, ready ? SETTLED_MS : AWAITED_MS);
    };
    get({ host: '127.0.0.1', port, path: '/readyz', agent: false, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      answered(response.statusCode === 200);
    })
      .on('timeout', function (this: { destroy(error: Error): void }) {
        this.destroy(new Error('no answer in time'));
      })
      .on('error', () => answered(false));
  };
  ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
