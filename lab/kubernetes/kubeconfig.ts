/** The file that kubectl and our own programs find a cluster by. */

export interface Access {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
  /** The name that the server's certificate has, where the URL has another. */
  readonly serverName?: string;
}

/** A kubeconfig with one cluster, one user, and everything in the file itself (JSON is YAML). */
export function kubeconfig({ url, ca, token, serverName }: Access): string {
  const cluster = {
    server: url,
    'certificate-authority-data': Buffer.from(ca).toString('base64'),
    ...(serverName === undefined ? {} : { 'tls-server-name': serverName }),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'admin' } }],
    'current-context': 'lab',
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
