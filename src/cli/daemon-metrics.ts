/** The metrics of a daemon, as its command line asks for them: over plain HTTP, and over TLS for who may read them. */
import { type Command, Option } from 'commander';
import type { MetricTable, ProcessView } from '../daemon/metric.ts';
import type { SecureMetricsContext } from '../daemon/secure-metrics.ts';
import type { MetricsReader, ServedAt } from '../daemon/serve.ts';
import { TLS_VERSIONS, type TlsFlags, type TlsOptions, tlsOptionsOf } from '../daemon/tls-options.ts';
import type { ReviewApi } from '../kube/access-review.ts';
import { CannotRunError } from './io.ts';
import { portOf } from './options.ts';

/** MetalLB's since 0.16. */
const SECURE_PORT = 9_120;

/** The flags of metrics over TLS. */
export interface SecureMetricsFlags extends TlsFlags {
  readonly port: number;
  readonly metricsCertDir?: string;
}

/** Declares the flags of {@link SecureMetricsFlags}; `where` is put before what `--port` does. */
export function addSecureMetricsOptions(command: Command, where = ''): void {
  command
    .option(
      '--port <port>',
      `${where}serve /metrics there over TLS, for who may get it by the RBAC of the cluster; 0 does not`,
      portOf,
      SECURE_PORT,
    )
    .option('--metrics-cert-dir <dir>', 'tls.crt and tls.key for --port (default: a self-signed certificate)')
    .addOption(
      new Option('--tls-min-version <version>', 'the oldest TLS that --port speaks')
        .choices(Object.keys(TLS_VERSIONS))
        .default('VersionTLS13'),
    )
    .option('--tls-cipher-suites <names>', "suites of TLS 1.2 for --port, by Go's names, separated by commas")
    .option('--tls-curve-preferences <numbers>', "groups for --port, by IANA's numbers, separated by commas");
}

/** @throws {CannotRunError} where the flags contradict each other: said before anything runs. */
export function requireTlsOptions(flags: TlsFlags): TlsOptions {
  const tls = tlsOptionsOf(flags);
  if (!tls.ok) throw new CannotRunError(tls.error);
  return tls.value;
}

export interface DaemonMetrics<View extends ProcessView> extends Omit<SecureMetricsContext, 'api'> {
  /** Of plain HTTP; port 0: none. */
  readonly plain: ServedAt;
  readonly tls: TlsOptions;
  /** Without one nobody can say who may scrape, and nothing is served over TLS. */
  readonly api: ReviewApi | null;
  readonly table: MetricTable<View>;
  readonly read: MetricsReader<View>;
}

/** Serves metrics over plain HTTP and over TLS, on one address, until the process ends. */
export async function serveDaemonMetrics<View extends ProcessView>(
  { port, metricsCertDir }: SecureMetricsFlags,
  { plain, tls, api, table, read, ...context }: DaemonMetrics<View>,
): Promise<void> {
  // Imported late: a daemon without metrics does not pay for an HTTP server, nor one without an API for TLS.
  if (plain.port !== 0) {
    const { serveMetrics } = await import('../daemon/serve.ts');
    serveMetrics(plain, table, read, context.log);
  }
  if (port !== 0 && api !== null) {
    const { serveSecureMetrics } = await import('../daemon/secure-metrics.ts');
    const options = { host: plain.host, port, tls, certificateFolder: metricsCertDir || undefined };
    serveSecureMetrics(options, table, read, { ...context, api });
  }
}
