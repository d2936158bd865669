/** A daemon's metrics and health over HTTP. A port that cannot be had is said and costs what would be served there alone: routes matter more. */
import { errorMessage } from '../error-message.ts';
import { type HttpRoutes, type HttpRoutesOptions, startHttpRoutes } from '../io/http-routes.ts';
import type { Logger } from '../io/logger.ts';
import type { MetricTable, ProcessView } from './metric.ts';
import { METRICS_CONTENT_TYPE, metricsText } from './metrics-text.ts';

export interface ServedAt {
  /** An address, or undefined for all of the host. */
  readonly host: string | undefined;
  readonly port: number;
}

/** Reads everything but what is the process's. */
export type MetricsReader<View extends ProcessView> = () =>
  | Omit<View, keyof ProcessView>
  | Promise<Omit<View, keyof ProcessView>>;

/** Serves `/metrics` over plain HTTP. */
export function serveMetrics<View extends ProcessView>(
  at: ServedAt,
  table: MetricTable<View>,
  read: MetricsReader<View>,
  log: Logger,
): HttpRoutes {
  return serveMetricsOver({ options: '--metrics-port and --metrics-host' }, at, table, read, log);
}

/** How requests come, and who may make them; `options` are the flags that say where. */
export interface MetricsTransport extends Pick<HttpRoutesOptions, 'admit' | 'create'> {
  readonly options: string;
}

/** Serves `/metrics` in the manner that is given. */
export function serveMetricsOver<View extends ProcessView>(
  { options, ...transport }: MetricsTransport,
  at: ServedAt,
  table: MetricTable<View>,
  read: MetricsReader<View>,
  log: Logger,
): HttpRoutes {
  const text = metricsText(table, async () => ({ ...(await read()), process: processView() }) as View);
  const routes = { '/metrics': async () => ({ status: 200, text: await text(), type: METRICS_CONTENT_TYPE }) };
  return serve(at, { routes, ...transport }, log, {
    served: { event: 'metricsServed' },
    listenFailed: { event: 'metricsListenFailed' },
    failed: { event: 'metricsFailed' },
    what: 'metrics',
    options,
  });
}

/** What the kubelet's probes ask for. */
export interface Health {
  /** False only where a restart helps. */
  live(): boolean;
  /** Whether what it does can be relied on: caches are synced and a first configuration was judged (docs/decisions.md 21). */
  ready(): boolean;
}

/** Serves `/healthz` (and `/livez`) and `/readyz`. */
export function serveHealth(at: ServedAt, health: Health, log: Logger): HttpRoutes {
  const check = (ok: boolean) => (ok ? { status: 200, text: 'ok\n' } : { status: 503, text: 'not yet\n' });
  const live = () => check(health.live());
  const routes = { '/healthz': live, '/livez': live, '/readyz': () => check(health.ready()) };
  return serve(at, { routes }, log, {
    served: { event: 'healthServed' },
    listenFailed: { event: 'healthListenFailed' },
    failed: { event: 'healthFailed' },
    what: 'health',
    options: '--health-probe-port',
  });
}

type Event = { readonly event: string };

interface Words {
  readonly served: Event;
  readonly listenFailed: Event;
  readonly failed: Event;
  readonly what: string;
  readonly options: string;
}

type Served = Pick<HttpRoutesOptions, 'routes' | 'admit' | 'create'>;

function serve({ host, port }: ServedAt, served: Served, log: Logger, words: Words): HttpRoutes {
  const address = host ?? '::';
  return startHttpRoutes({
    ...served,
    host,
    port,
    onListening: () => log.info({ ...words.served, address, port }, `${words.what} served`),
    onError: (error) =>
      log.error(
        {
          ...words.listenFailed,
          address,
          port,
          error: error.code ?? error.message,
          help: `find out what uses the port, or correct ${words.options}; everything else goes on all the same`,
        },
        `cannot serve ${words.what}`,
      ),
    onFault: (error) =>
      log.error({ ...words.failed, error: errorMessage(error) }, `${words.what} could not be answered`),
  });
}

function processView(): ProcessView['process'] {
  const { user, system } = process.cpuUsage();
  return { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1_000_000 };
}
