/**
 * How to reach a cluster's API, and from within a Pod; by a kubeconfig file: `kubeconfig.ts`.
 *
 * Tokens and certificates that lie in files are read again when they change: the kubelet renews a Pod's token every hour. What needs another
 * program to log in (exec plugins, OIDC) is refused: a daemon has a service account, and a person kubectl.
 */

import { readFileSync } from 'node:fs';
import { err, ok, type Result } from '../result.ts';
import { Secret } from '../secret.ts';

/** Where the API is, and who we are there. */
export interface ClusterAccess {
  /** `https://address:port`, without a slash at the end. */
  readonly server: string;
  /** PEM; null trusts the system's authorities. Read anew at each connection. */
  readonly ca: () => string | null;
  /** The bearer token as it is now; null without one. */
  readonly token: () => Secret | null;
  /** A client certificate and its key, PEM. Read anew each time that it is looked at, where it lies in files. */
  readonly clientCertificate: { readonly cert: string; readonly key: Secret } | null;
  readonly insecureSkipTlsVerify: boolean;
  /** The name that the server's certificate must have, where it is not the address. */
  readonly tlsServerName: string | null;
  /** The namespace that the access is for; null where it does not say. */
  readonly namespace: string | null;
}

/** Where a Pod finds its service account. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

export const reasonOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/**
 * The access of a Pod's service account.
 *
 * @param env - KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.
 */
export function inClusterAccess(
  env: Readonly<Record<string, string | undefined>>,
  directory: string = SERVICE_ACCOUNT_DIRECTORY,
): Result<ClusterAccess, string> {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT;
  if (!host || !port)
    return err(
      'not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; give --kubeconfig FILE',
    );
  const file = (name: string): string => `${directory}/${name}`;
  try {
    readFileSync(file('token'), 'utf8');
    readFileSync(file('ca.crt'), 'utf8');
  } catch (error) {
    return err(
      `the service account of the Pod cannot be read (${reasonOf(error)} in ${directory}): let automountServiceAccountToken be true, or give --kubeconfig FILE`,
    );
  }
  return ok({
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: () => readFileSync(file('ca.crt'), 'utf8'),
    token: () => tokenIn(file('token')),
    clientCertificate: null,
    insecureSkipTlsVerify: false,
    tlsServerName: null,
    namespace: namespaceIn(file('namespace')),
  });
}

/** The token in a file; null where there is none. */
export function tokenIn(file: string): Secret | null {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return text === '' ? null : new Secret(text);
  } catch {
    // Between two writes of the kubelet, or taken away: the API will answer 401, which is said where it is seen.
    return null;
  }
}

function namespaceIn(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
