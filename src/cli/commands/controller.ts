/** `metallb controller`: gives the Services of a cluster their addresses. */
import { Command, Option } from 'commander';
import type { RunningController } from '../../controller/run.ts';
import { keepHeapSmall } from '../../daemon/heap.ts';
import type { LogLevel } from '../../io/log-level.ts';
import type { PlanOptions } from '../../plan/snapshot.ts';
import { systemClock } from '../../time/clock.ts';
import { accessOf, camelCase, exitAtNextSignal, namespaceOf, signalled } from '../cluster.ts';
import {
  addSecureMetricsOptions,
  requireTlsOptions,
  type SecureMetricsFlags,
  serveDaemonMetrics,
} from '../daemon-metrics.ts';
import type { CommandContext } from '../io.ts';
import { ignoredFlagsOf, ignoredOptions } from '../metallb-flags.ts';
import { logLevelOption, nodeSelectorsOption, portOf } from '../options.ts';
import { version } from '../version.ts';

const HEALTH_PORT = 17_472;
/** MetalLB's up to 0.15, and what the guide's ServiceMonitor scrapes (docs/decisions.md 9). */
const METRICS_PORT = 7_472;

interface ControllerFlags extends SecureMetricsFlags {
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly nodeSelectors: PlanOptions['nodeSelectors'];
  readonly lbClass?: string;
  readonly podName?: string;
  readonly healthProbePort: number;
  readonly healthProbeHost?: string;
  readonly metricsPort: number;
  readonly metricsHost?: string;
  readonly webhookMode: 'enabled' | 'disabled' | 'onlywebhook';
  readonly logLevel: LogLevel;
}

export function controllerCommand({ io }: CommandContext): Command {
  const command = new Command('controller')
    .description('give the Services of a cluster their addresses, and say of each object whether it is in force')
    .option('--kubeconfig <file>', "how to reach the cluster (default: $KUBECONFIG, else the Pod's service account)")
    .option('--namespace <name>', 'the namespace of the metallb.io objects (default: $METALLB_NAMESPACE, else our own)')
    .addOption(nodeSelectorsOption())
    .option('--lb-class <name>', 'handle Services of this loadBalancerClass, and no others')
    .option('--pod-name <name>', 'the Pod that this process is (default: $METALLB_POD_NAME)')
    .option('--health-probe-port <port>', 'serve /healthz and /readyz there; 0 does not', portOf, HEALTH_PORT)
    .option('--health-probe-host <address>', 'the address that they are served on (default: all)')
    .option('--metrics-port <port>', 'serve /metrics there, over plain HTTP; 0 does not', portOf, METRICS_PORT)
    .option('--metrics-host <address>', 'the address that /metrics is served on (default: all)')
    .addOption(
      new Option('--webhook-mode <mode>', 'onlywebhook stands by: another process is the controller')
        .choices(['enabled', 'disabled', 'onlywebhook'])
        .default('enabled'),
    )
    .addOption(logLevelOption())
    .addHelpText(
      'after',
      `
Flags are taken as Go programs take them too (-log-level=debug). MetalLB's other flags and environment variables are accepted and
logged. Several controllers may run: one leads, the others stand by and take over within ten seconds.
Signals: SIGTERM or SIGINT gives the lease up and exits (a second one exits at once); SIGUSR1 prints the state as one line of JSON.`,
    );
  addSecureMetricsOptions(command);
  for (const { name, boolean } of ignoredFlagsOf('controller'))
    command.addOption(new Option(boolean ? `--${name}` : `--${name} <value>`).hideHelp());
  return command.action(async (flags: ControllerFlags) => {
    const access = await accessOf(flags.kubeconfig, io);
    const tls = requireTlsOptions(flags);
    // Imported late: the offline commands need none of it.
    const [{ createLogger }, { RestClient }, { startController }, serve, { CONTROLLER_METRICS }] = await Promise.all([
      import('../../io/logger.ts'),
      import('../../kube/rest.ts'),
      import('../../controller/run.ts'),
      import('../../daemon/serve.ts'),
      import('../../controller/metrics.ts'),
    ]);
    keepHeapSmall();
    const log = createLogger(flags.logLevel, io.stdout);
    const given = (name: string): boolean => command.getOptionValueSource(camelCase(name)) === 'cli';
    for (const { option, why } of ignoredOptions('controller', given, io.env))
      log.info({ event: 'optionIgnored', option, reason: why }, 'option without effect');
    if (flags.webhookMode === 'onlywebhook') {
      log.warn(
        { event: 'standingBy', reason: '--webhook-mode=onlywebhook' },
        'no webhook is running yet: nothing to do',
      );
      if (flags.healthProbePort !== 0)
        serve.serveHealth(
          { host: flags.healthProbeHost, port: flags.healthProbePort },
          { live: () => true, ready: () => true },
          log,
        );
      log.info({ event: 'stopped', signal: await signalled() }, 'controller stopped');
      process.exit(0);
    }
    const api = await RestClient.create({ access, clock: systemClock, userAgent: `metallb-controller/${version()}` });
    const wallClock = (): Date => new Date();
    const controller: RunningController = startController(
      {
        planOptions: {
          nodeSelectors: flags.nodeSelectors,
          lbClass: flags.lbClass || null,
          ignoreExcludeLB: false,
          namespace: namespaceOf(flags.namespace, access, io),
        },
        podName: flags.podName ?? io.env.METALLB_POD_NAME ?? '',
      },
      { api, clock: systemClock, wallClock, random: Math.random, log },
    );
    process.on('SIGUSR1', () => log.info({ event: 'state', state: controller.state() }, 'state'));
    if (flags.healthProbePort !== 0)
      serve.serveHealth({ host: flags.healthProbeHost, port: flags.healthProbePort }, controller, log);
    await serveDaemonMetrics(flags, {
      plain: { host: flags.metricsHost, port: flags.metricsPort },
      tls,
      api,
      table: CONTROLLER_METRICS,
      read: () => controller.metrics(),
      clock: systemClock,
      wallClock,
      log,
    });
    const signal = await signalled();
    exitAtNextSignal();
    await controller.stop();
    log.info({ event: 'stopped', signal }, 'controller stopped');
    process.exit(0);
  });
}
