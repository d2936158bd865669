/** `metallb speaker`: announces the Services of a cluster, or of a folder of manifests, as the speaker of one node. */
import { Command, Option } from 'commander';
import { keepHeapSmall } from '../../daemon/heap.ts';
import type { LogLevel } from '../../io/log-level.ts';
import type { Logger } from '../../io/logger.ts';
import { manifestFilesOf, readText, reasonOf } from '../../io/manifest-files.ts';
import type { ReviewApi } from '../../kube/access-review.ts';
import { DEFAULT_PLAN_OPTIONS, type PlanOptions } from '../../plan/snapshot.ts';
import type { RunningSpeaker } from '../../speaker/run.ts';
import { NO_TRANSPORT_MAP, type TransportMap } from '../../speaker/transport-map.ts';
import { systemClock } from '../../time/clock.ts';
import { accessOf, camelCase, exitAtNextSignal, namespaceOf, signalled } from '../cluster.ts';
import {
  addSecureMetricsOptions,
  requireTlsOptions,
  type SecureMetricsFlags,
  serveDaemonMetrics,
} from '../daemon-metrics.ts';
import { CannotRunError, type CommandContext, type Io } from '../io.ts';
import { ignoredFlagsOf, ignoredOptions } from '../metallb-flags.ts';
import { countOf, logLevelOption, nodeSelectorsOption, portOf } from '../options.ts';
import { version } from '../version.ts';

const BGP_PORT = 179;
const HEALTH_PORT = 17_472;
/** The speaker's Pod is in the node's network: its health is nobody else's business (metallb-behaviour 6.1). */
const LOOPBACK = '127.0.0.1';
/** MetalLB's up to 0.15, and what the guide's ServiceMonitor scrapes (docs/decisions.md 9). */
const METRICS_PORT = 7_472;
/** Of ServiceBGPStatus objects (docs/decisions.md 23). */
const SERVICE_STATUSES = { perSecond: 10, limit: 20_000 };

interface SpeakerFlags extends SecureMetricsFlags {
  readonly from?: readonly string[];
  readonly node?: string;
  readonly nodeName?: string;
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly podName?: string;
  readonly nodeSelectors: PlanOptions['nodeSelectors'];
  readonly lbClass?: string;
  readonly ignoreExcludeLb: boolean;
  readonly bgpListenPort: number;
  readonly healthProbePort: number;
  readonly metricsPort?: number;
  readonly metricsHost?: string;
  readonly serviceStatusRate: number;
  readonly serviceStatusLimit: number;
  readonly transportMap?: string;
  readonly logLevel: LogLevel;
}

export function speakerCommand({ io }: CommandContext): Command {
  const command = new Command('speaker')
    .description(
      'announce the Services of a cluster, or of a folder of manifests, over BGP, as the speaker of one node',
    )
    .option('--from <dir...>', 'no cluster: folders or files of manifests; they are watched, and changes take effect')
    .option('--kubeconfig <file>', "how to reach the cluster (default: $KUBECONFIG, else the Pod's service account)")
    .option('--node-name <name>', 'the Node that this speaker is on (default: $METALLB_NODE_NAME)')
    .option('--node <name>', 'the same')
    .option('--namespace <name>', 'the namespace of the metallb.io objects (default: $METALLB_NAMESPACE, else our own)')
    .option('--pod-name <name>', 'the Pod that this process is (default: $METALLB_POD_NAME)')
    .addOption(nodeSelectorsOption())
    .option('--lb-class <name>', 'handle Services of this loadBalancerClass, and no others')
    .option('--ignore-exclude-lb', 'announce from nodes labelled exclude-from-external-load-balancers too', false)
    .option('--bgp-listen-port <port>', 'port for connections of the routers; 0 only dials', portOf, BGP_PORT)
    .option(
      '--health-probe-port <port>',
      `on a cluster: serve /healthz and /readyz on ${LOOPBACK}; 0 does not`,
      portOf,
      HEALTH_PORT,
    )
    .option(
      '--metrics-port <port>',
      `serve /metrics there, over plain HTTP; 0 does not (default: ${METRICS_PORT}, with --from 0)`,
      portOf,
    )
    .option(
      '--metrics-host <address>',
      `the address that /metrics is served on (default: all, with --from ${LOOPBACK})`,
    )
    .option(
      '--service-status-rate <n>',
      'on a cluster: write at most so many ServiceBGPStatus objects a second; 0 writes none',
      countOf,
      SERVICE_STATUSES.perSecond,
    )
    .option(
      '--service-status-limit <n>',
      'on a cluster: make no more ServiceBGPStatus objects where it has so many',
      countOf,
      SERVICE_STATUSES.limit,
    )
    .option(
      '--transport-map <file>',
      'real addresses that stand for those of the manifests (for demonstrations and tests)',
    )
    .addOption(logLevelOption())
    .addHelpText(
      'after',
      `
Flags are taken as Go programs take them too (-log-level=debug). MetalLB's other flags and environment variables are accepted and logged.
Signals: SIGTERM or SIGINT ends the sessions with a Cease and exits (a second one exits at once); SIGUSR1 prints the
state of Services and sessions with their Adj-RIB-Out as one line of JSON. The log is JSON lines on standard output.

Example: metallb speaker --from examples/guide/multi-router examples/guide/test-service examples/guide/cluster --node node1`,
    );
  addSecureMetricsOptions(command, 'on a cluster: ');
  for (const { name, boolean } of ignoredFlagsOf('speaker'))
    command.addOption(new Option(boolean ? `--${name}` : `--${name} <value>`).hideHelp());
  return command.action(async (flags: SpeakerFlags) => {
    const node = flags.nodeName || flags.node || io.env.METALLB_NODE_NAME || '';
    if (node === '') throw new CannotRunError('no node: give --node-name NAME or set METALLB_NODE_NAME');
    if (flags.from !== undefined && flags.kubeconfig !== undefined)
      throw new CannotRunError('--from and --kubeconfig exclude each other: a speaker follows manifests or a cluster');
    // A slip of the command line ends it before anything runs.
    requireTlsOptions(flags);
    const given = (name: string): boolean => command.getOptionValueSource(camelCase(name)) === 'cli';
    const start =
      flags.from === undefined ? await onCluster(flags, node, io) : await fromFolders(flags, flags.from, node);
    // Imported late: the offline commands need neither the engine nor libc, and run where there is none of Linux.
    const { createLogger } = await import('../../io/logger.ts');
    let speaker: RunningSpeaker | undefined;
    keepHeapSmall();
    const log = createLogger(flags.logLevel, io.stdout, () => speaker?.lineLogged());
    for (const { option, why } of ignoredOptions('speaker', given, io.env))
      log.info({ event: 'optionIgnored', option, reason: why }, 'option without effect');
    const { running, api } = await start(log);
    speaker = running;
    process.on('SIGUSR1', () =>
      running.refresh().then(() => log.info({ event: 'state', state: running.state() }, 'state')),
    );
    const end = signalled();
    await serveMetricsOf(running, api, flags, log);
    const signal = await end;
    exitAtNextSignal();
    await running.stop();
    log.info({ event: 'stopped', signal }, 'speaker stopped');
    process.exit(0);
  });
}

interface Started {
  readonly running: RunningSpeaker;
  /** Null without a cluster. */
  readonly api: ReviewApi | null;
}

/** Starts a speaker, and what is particular to its source. */
type Start = (log: Logger) => Promise<Started>;

async function fromFolders(flags: SpeakerFlags, paths: readonly string[], node: string): Promise<Start> {
  for (const path of paths) requireReadable(path);
  const transportMap = await transportMapOf(flags);
  const { startSpeaker } = await import('../../speaker/run.ts');
  const planOptions = planOptionsOf(flags, flags.namespace || DEFAULT_PLAN_OPTIONS.namespace);
  return async (log) => {
    const running = startSpeaker(
      { node, paths, planOptions, listenPort: flags.bgpListenPort, transportMap },
      { clock: systemClock, random: Math.random, log },
    );
    return { running, api: null };
  };
}

async function onCluster(flags: SpeakerFlags, node: string, io: Io): Promise<Start> {
  const access = await accessOf(flags.kubeconfig, io);
  const transportMap = await transportMapOf(flags);
  const [{ RestClient }, { startClusterSpeaker }, { serveHealth }] = await Promise.all([
    import('../../kube/rest.ts'),
    import('../../speaker/cluster/run.ts'),
    import('../../daemon/serve.ts'),
  ]);
  return async (log) => {
    const api = await RestClient.create({ access, clock: systemClock, userAgent: `metallb-speaker/${version()}` });
    const running = startClusterSpeaker(
      {
        node,
        planOptions: planOptionsOf(flags, namespaceOf(flags.namespace, access, io)),
        podName: flags.podName ?? io.env.METALLB_POD_NAME ?? '',
        serviceStatuses: { perSecond: flags.serviceStatusRate, limit: flags.serviceStatusLimit },
        listenPort: flags.bgpListenPort,
        transportMap,
      },
      { api, clock: systemClock, wallClock: () => new Date(), random: Math.random, log },
    );
    if (flags.healthProbePort !== 0) serveHealth({ host: LOOPBACK, port: flags.healthProbePort }, running, log);
    return { running, api };
  };
}

const planOptionsOf = (flags: SpeakerFlags, namespace: string): PlanOptions => ({
  nodeSelectors: flags.nodeSelectors,
  lbClass: flags.lbClass || null,
  ignoreExcludeLB: flags.ignoreExcludeLb,
  namespace,
});

async function serveMetricsOf(
  running: RunningSpeaker,
  api: ReviewApi | null,
  flags: SpeakerFlags,
  log: Logger,
): Promise<void> {
  const isFolder = flags.from !== undefined;
  const { METRICS } = await import('../../speaker/metrics.ts');
  await serveDaemonMetrics(flags, {
    plain: {
      host: flags.metricsHost ?? (isFolder ? LOOPBACK : undefined),
      port: flags.metricsPort ?? (isFolder ? 0 : METRICS_PORT),
    },
    tls: requireTlsOptions(flags),
    api,
    table: METRICS,
    read: async () => {
      await running.refresh();
      return running.metrics();
    },
    clock: systemClock,
    wallClock: () => new Date(),
    log,
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

async function transportMapOf({ transportMap: file }: SpeakerFlags): Promise<TransportMap> {
  if (file === undefined) return NO_TRANSPORT_MAP;
  const text = readText(file);
  if (!text.ok) throw new CannotRunError(`--transport-map ${file}: ${text.error.message}`);
  const { parseTransportMap } = await import('../../speaker/transport-map-file.ts');
  const map = parseTransportMap(text.value);
  if (!map.ok) throw new CannotRunError(map.error.map((problem) => `--transport-map ${file}: ${problem}`).join('\n'));
  return map.value;
}
