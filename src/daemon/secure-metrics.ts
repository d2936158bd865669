/**
 * `/metrics` over TLS, for who may read it: the port that MetalLB has since 0.16.
 *
 * Nothing of it can end the process: files that are missing or wrong, and a port that is taken, are said and cost these metrics alone.
 */
import type { Server } from 'node:http';
import { createServer } from 'node:https';
import type { HttpRoutes } from '../io/http-routes.ts';
import type { Logger } from '../io/logger.ts';
import { type ReviewApi, reviewAccess } from '../kube/access-review.ts';
import { ok, type Result } from '../result.ts';
import type { Clock } from '../time/clock.ts';
import type { MetricTable, ProcessView } from './metric.ts';
import { ScrapeAccess } from './scrape-access.ts';
import { type MetricsReader, type ServedAt, serveMetricsOver } from './serve.ts';
import { certificateIn, fingerprintOf, type ServingCertificate, selfSigned } from './serving-certificate.ts';
import type { TlsOptions } from './tls-options.ts';

export interface SecureMetricsOptions extends ServedAt {
  readonly tls: TlsOptions;
  /** A folder with `tls.crt` and `tls.key`; undefined: self-signed. */
  readonly certificateFolder: string | undefined;
}

export interface SecureMetricsContext {
  readonly api: ReviewApi;
  readonly clock: Clock;
  readonly wallClock: () => Date;
  readonly log: Logger;
}

/** How often files are looked at. */
const RELOAD_MS = 60_000;
/** Until the handshake is done nobody knows who holds a connection. */
const HANDSHAKE_TIMEOUT_MS = 5_000;

/** Serves `/metrics` until it is closed. */
export function serveSecureMetrics<View extends ProcessView>(
  options: SecureMetricsOptions,
  table: MetricTable<View>,
  read: MetricsReader<View>,
  context: SecureMetricsContext,
): HttpRoutes {
  const { certificateFolder, tls, host } = options;
  const { api, clock, wallClock, log } = context;
  const access = new ScrapeAccess({
    review: (token, signal) => reviewAccess(api, token, '/metrics', signal),
    clock,
    log,
  });
  const load = (): Result<ServingCertificate, string> =>
    certificateFolder === undefined
      ? ok(selfSigned(host === undefined ? ['localhost'] : ['localhost', host], wallClock()))
      : certificateIn(certificateFolder);
  let server: ReturnType<typeof createServer> | undefined;
  let routes: HttpRoutes | undefined;
  let [inUse, failed] = ['', ''];

  const start = (certificate: ServingCertificate): HttpRoutes =>
    serveMetricsOver(
      {
        admit: (authorization) => access.check(authorization),
        create: (limits, listener): Server => {
          const secure = { ...tls, ...contextOf(certificate), handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
          server = createServer({ ...limits, ...secure }, listener);
          return server;
        },
        options: '--port and --metrics-host',
      },
      options,
      table,
      read,
      log,
    );

  const look = (): void => {
    const certificate = load();
    if (!certificate.ok) {
      if (failed !== certificate.error)
        log.error(
          {
            event: 'metricsCertificateFailed',
            error: certificate.error,
            help: 'put tls.crt and tls.key there, or leave --metrics-cert-dir out for a self-signed certificate; it is looked at again every minute',
          },
          inUse === '' ? 'no metrics over TLS without a certificate' : 'the certificate before stays in use',
        );
      failed = certificate.error;
      return;
    }
    failed = '';
    const fingerprint = fingerprintOf(certificate.value);
    if (fingerprint === inUse) return;
    if (inUse !== '') log.info({ event: 'metricsCertificateRenewed' }, 'metrics are served with another certificate');
    inUse = fingerprint;
    if (routes === undefined) routes = start(certificate.value);
    else server?.setSecureContext({ ...tls, ...contextOf(certificate.value) });
  };
  look();
  let cancel = (): void => {};
  const again = (): void => {
    cancel = clock.after(RELOAD_MS, () => {
      look();
      again();
    });
  };
  // A certificate of our own stays what it is.
  if (certificateFolder !== undefined) again();
  return {
    close: () => {
      cancel();
      routes?.close();
    },
  };
}

const contextOf = ({ chain, key }: ServingCertificate) => ({ cert: chain, key: key.reveal() });
