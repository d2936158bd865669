/** How to reach a cluster's API by a kubeconfig file. On its own, so that a daemon in a Pod does without YAML. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { isJsonObject } from '../is-json-object.ts';
import { err, ok, type Result } from '../result.ts';
import { Secret } from '../secret.ts';
import { type ClusterAccess, reasonOf, tokenIn } from './cluster-access.ts';

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
