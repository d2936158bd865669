/** What runs in the Pods of controller and speakers: `metallb` processes, which reach the embedded API by a kubeconfig. */
import { textAt } from '../apiserver/json.ts';
import type { ApiObject } from '../apiserver/types.ts';
import { MetallbProcess } from './children.ts';
import { argsOf, componentOf, METALLB_SYSTEM } from './components.ts';
import type { ContainerLog } from './container-log.ts';
import type { Process, ProcessEvents, Runtime } from './kubelet.ts';
import { freePort } from './loopback.ts';
import { probeReadiness } from './readiness.ts';

export interface ProcessFiles {
  readonly kubeconfig: string;
  readonly transportMap: string;
}

export class MetallbRuntime implements Runtime {
  readonly #files: ProcessFiles;
  readonly #onLine: () => void;
  /** By the name of the Pod. */
  readonly #running = new Map<string, MetallbProcess>();
  readonly #startedAt = new Map<string, number>();

  /** @param onLine - is called after each line that one of them has said. */
  constructor(files: ProcessFiles, onLine: () => void) {
    this.#files = files;
    this.#onLine = onLine;
  }

  /** The process behind a Pod. @throws Error where there is none */
  of(podName: string): MetallbProcess {
    const found = this.#running.get(podName);
    if (found === undefined) throw new Error(`no process runs in Pod ${podName}`);
    return found;
  }

  /** When the process behind a Pod was last started, by `performance.now()`; 0 for never. */
  startedAt(podName: string): number {
    return this.#startedAt.get(podName) ?? 0;
  }

  runs(pod: ApiObject): boolean {
    return componentOf(pod) !== undefined;
  }

  start(pod: ApiObject, log: ContainerLog, events: ProcessEvents): Process {
    const { name } = pod.metadata;
    let child: MetallbProcess | undefined;
    let stopProbing: () => void = () => {};
    let wanted = true;
    const say = (text: string): void => {
      log.add(Date.now(), text);
      this.#onLine();
    };
    freePort('127.0.0.1').then(
      (port) => {
        if (!wanted) return events.ended(0);
        const args = commandLine(pod, port, this.#files);
        const started = new MetallbProcess(args, say, (exitCode) => {
          stopProbing();
          if (this.#running.get(name) === started) this.#running.delete(name);
          events.ended(exitCode);
        });
        child = started;
        this.#running.set(name, started);
        this.#startedAt.set(name, performance.now());
        stopProbing = probeReadiness(port, events.ready);
      },
      (error: Error) => {
        say(`demo stand-in: no port for its health: ${error.message}`);
        events.ended(1);
      },
    );
    return {
      end: (signal) => {
        wanted = false;
        child?.end(signal);
      },
    };
  }
}

/**
 * The command line of a Pod's process: that of its template, and what is another here. All processes share one host, so ports and addresses that would
 * be the Pods' own cannot be; what the downward API would say by environment variables is said by flags.
 */
function commandLine(pod: ApiObject, healthPort: number, files: ProcessFiles): readonly string[] {
  const component = componentOf(pod) ?? 'controller';
  const here = {
    kubeconfig: files.kubeconfig,
    namespace: METALLB_SYSTEM,
    'pod-name': pod.metadata.name,
    'health-probe-port': String(healthPort),
    'metrics-port': '0',
    port: '0',
  };
  const controller = { 'health-probe-host': '127.0.0.1' };
  const speaker = {
    'node-name': textAt(pod, 'spec', 'nodeName'),
    'bgp-listen-port': '0',
    'transport-map': files.transportMap,
  };
  const flags = Object.entries({ ...here, ...(component === 'speaker' ? speaker : controller) });
  return [component, ...argsOf(pod), ...flags.map(([name, value]) => `--${name}=${value}`)];
}
