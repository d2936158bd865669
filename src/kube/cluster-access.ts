/**
 * How to reach a cluster's API: from within a Pod, or by a kubeconfig file.
 *
 * Tokens and certificates that lie in files are read again when they change: the kubelet renews a Pod's token every hour. What needs another
 * program to log in (exec plugins, OIDC) is refused: a daemon has a service account, and a person kubectl.
 */

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { isJsonObject } from '../is-json-object.ts';
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

const reasonOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

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

function tokenIn(file: string): Secret | null {
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

type Json = Readonly<Record<string, unknown>>;
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** The access that a kubeconfig's current context names. */
export function kubeconfigAccess(file: string): Result<ClusterAccess, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return err(`kubeconfig ${file}: cannot be read (${reasonOf(error)})`);
  }
  let config: unknown;
  try {
    config = parse(text);
  } catch {
    // A YAML error quotes the line that it is about, and that line may be a token.
    return err(`kubeconfig ${file}: is not YAML`);
  }
  if (!isJsonObject(config)) return err(`kubeconfig ${file}: is empty`);
  try {
    return ok(accessOf(config, dirname(resolve(file))));
  } catch (error) {
    if (error instanceof KubeconfigError) return err(`kubeconfig ${file}: ${error.message}`);
    throw error;
  }
}

class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

function accessOf(config: Json, directory: string): ClusterAccess {
  const current = textOf(config['current-context']);
  if (current === null) throw new KubeconfigError('current-context is not set: kubectl config use-context NAME');
  const context = entryOf(config, 'contexts', current, 'context');
  const clusterName = textOf(context.cluster) ?? '';
  const cluster = entryOf(config, 'clusters', clusterName, 'cluster');
  const userName = textOf(context.user);
  const user = userName === null ? {} : entryOf(config, 'users', userName, 'user');
  const server = textOf(cluster.server);
  if (server === null || !/^https?:\/\//.test(server))
    throw new KubeconfigError(`cluster "${clusterName}": server must be a URL that begins with https:// or http://`);
  for (const plugin of ['exec', 'auth-provider'])
    if (user[plugin] !== undefined)
      throw new KubeconfigError(
        `user "${userName}": ${plugin} is not supported here; use a service account's token, or a client certificate`,
      );
  const dataOrFile = (from: Json, name: string): string | null => {
    const data = textOf(from[`${name}-data`]);
    if (data !== null) return Buffer.from(data, 'base64').toString('utf8');
    const path = textOf(from[name]);
    return path === null ? null : readIn(resolve(directory, path), name);
  };
  const ca = dataOrFile(cluster, 'certificate-authority');
  const clientCertificate = (): ClusterAccess['clientCertificate'] => {
    const [cert, key] = [dataOrFile(user, 'client-certificate'), dataOrFile(user, 'client-key')];
    if ((cert === null) !== (key === null))
      throw new KubeconfigError(`user "${userName}": client-certificate and client-key belong together`);
    return cert === null || key === null ? null : { cert, key: new Secret(key) };
  };
  // What is wrong with it now is said now.
  clientCertificate();
  const token = textOf(user.token);
  const tokenFile = textOf(user.tokenFile);
  const caFile =
    textOf(cluster['certificate-authority-data']) === null ? textOf(cluster['certificate-authority']) : null;
  return {
    server: server.replace(/\/+$/, ''),
    ca: caFile === null ? () => ca : () => readIn(resolve(directory, caFile), 'certificate-authority'),
    token: () => {
      if (tokenFile !== null) return tokenIn(resolve(directory, tokenFile));
      return token === null ? null : new Secret(token);
    },
    get clientCertificate() {
      return clientCertificate();
    },
    insecureSkipTlsVerify: cluster['insecure-skip-tls-verify'] === true,
    tlsServerName: textOf(cluster['tls-server-name']),
    namespace: textOf(context.namespace),
  };
}

function readIn(path: string, field: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new KubeconfigError(`${field}: ${path} cannot be read (${reasonOf(error)})`);
  }
}

function entryOf(config: Json, list: string, name: string, field: string): Json {
  const entries = Array.isArray(config[list]) ? (config[list] as readonly unknown[]) : [];
  const found = entries.find((entry) => isJsonObject(entry) && entry.name === name);
  const value = isJsonObject(found) ? found[field] : undefined;
  if (!isJsonObject(value)) throw new KubeconfigError(`${list} has no "${name}"`);
  return value;
}
