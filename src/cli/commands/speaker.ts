/** `metallb speaker`: announces from a folder of manifests, without Kubernetes. */
import { Command } from 'commander';
import type { LogLevel } from '../../io/log-level.ts';
import { manifestFilesOf, readText, reasonOf } from '../../io/manifest-files.ts';
import type { PlanOptions } from '../../plan/snapshot.ts';
import type { RunningSpeaker } from '../../speaker/run.ts';
import { NO_TRANSPORT_MAP, parseTransportMap, type TransportMap } from '../../speaker/transport-map.ts';
import { systemClock } from '../../time/clock.ts';
import { CannotRunError, type CommandContext } from '../io.ts';
import { logLevelOption, namespaceOption, nodeSelectorsOption, portOf } from '../options.ts';

const BGP_PORT = 179;
const METRICS_HOST = '127.0.0.1';

interface SpeakerFlags {
  readonly from: readonly string[];
  readonly node?: string;
  readonly namespace: string;
  readonly nodeSelectors: PlanOptions['nodeSelectors'];
  readonly lbClass?: string;
  readonly ignoreExcludeLb: boolean;
  readonly bgpListenPort: number;
  readonly metricsPort: number;
  readonly metricsHost: string;
  readonly transportMap?: string;
  readonly logLevel: LogLevel;
}

export function speakerCommand({ io }: CommandContext): Command {
  return new Command('speaker')
    .description('announce the Services of a folder of manifests over BGP, as the speaker of one node')
    .requiredOption('--from <dir...>', 'folders or files of manifests; they are watched, and changes take effect')
    .option('--node <name>', 'the Node that this speaker is on (default: $METALLB_NODE_NAME)')
    .addOption(namespaceOption())
    .addOption(nodeSelectorsOption())
    .option('--lb-class <name>', 'handle Services of this loadBalancerClass, and no others')
    .option('--ignore-exclude-lb', 'announce from nodes labelled exclude-from-external-load-balancers too', false)
    .option('--bgp-listen-port <port>', 'port for connections of the routers; 0 only dials', portOf, BGP_PORT)
    .option('--metrics-port <port>', 'serve /metrics for Prometheus there, over plain HTTP; 0 does not', portOf, 0)
    .option('--metrics-host <address>', 'the address that /metrics is served on', METRICS_HOST)
    .option(
      '--transport-map <file>',
      'real addresses that stand for those of the manifests (for demonstrations and tests)',
    )
    .addOption(logLevelOption())
    .addHelpText(
      'after',
      `
Signals: SIGTERM or SIGINT ends the sessions with a Cease and exits (a second one exits at once); SIGUSR1 prints the
state of Services and sessions with their Adj-RIB-Out as one line of JSON. The log is JSON lines on standard output.

Example: metallb speaker --from examples/guide/multi-router examples/guide/test-service examples/guide/cluster --node node1`,
    )
    .action(async (flags: SpeakerFlags) => {
      const node = flags.node ?? io.env.METALLB_NODE_NAME;
      if (node === undefined || node === '')
        throw new CannotRunError('no node: give --node NAME or set METALLB_NODE_NAME');
      for (const path of flags.from) requireReadable(path);
      // Imported late: the offline commands need neither the engine nor libc, and run where there is none of Linux.
      const { createLogger } = await import('../../io/logger.ts');
      const { startSpeaker } = await import('../../speaker/run.ts');
      let speaker: RunningSpeaker | undefined;
      const log = createLogger(flags.logLevel, io.stdout, () => speaker?.lineLogged());
      const running = startSpeaker(
        {
          node,
          paths: flags.from,
          planOptions: {
            nodeSelectors: flags.nodeSelectors,
            lbClass: flags.lbClass ?? null,
            ignoreExcludeLB: flags.ignoreExcludeLb,
            namespace: flags.namespace,
          },
          listenPort: flags.bgpListenPort,
          transportMap: flags.transportMap === undefined ? NO_TRANSPORT_MAP : readTransportMap(flags.transportMap),
        },
        { clock: systemClock, random: Math.random, log },
      );
      speaker = running;
      process.on('SIGUSR1', () => log.info({ event: 'state', state: running.state() }, 'state'));
      const end = ended(running);
      if (flags.metricsPort !== 0) {
        // Imported late too: a speaker without metrics does not pay for an HTTP server.
        const { serveMetrics } = await import('../../daemon/serve.ts');
        const { METRICS } = await import('../../speaker/metrics.ts');
        serveMetrics({ host: flags.metricsHost, port: flags.metricsPort }, METRICS, () => running.metrics(), log);
      }
      const signal = await end;
      log.info({ event: 'stopped', signal }, 'speaker stopped');
      process.exit(0);
    });
}

/** Resolves when a signal has ended the speaker in good order; the second signal does not wait for that. */
function ended(speaker: RunningSpeaker): Promise<string> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(1);
      stopping = true;
      speaker.stop().then(() => resolve(signal), reject);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/** A path that is wrong from the start is a slip of the command line; one that goes away later is waited for. */
function requireReadable(path: string): void {
  try {
    manifestFilesOf(path);
  } catch (error) {
    throw new CannotRunError(`--from ${path}: ${reasonOf(error)}`);
  }
}

function readTransportMap(file: string): TransportMap {
  const text = readText(file);
  if (!text.ok) throw new CannotRunError(`--transport-map ${file}: ${text.error.message}`);
  const map = parseTransportMap(text.value);
  if (!map.ok) throw new CannotRunError(map.error.map((problem) => `--transport-map ${file}: ${problem}`).join('\n'));
  return map.value;
}
