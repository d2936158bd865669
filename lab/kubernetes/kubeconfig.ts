/** The file that kubectl and our own programs find a cluster by. */

export interface Access {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
}

/** A kubeconfig with one cluster, one user, and everything in the file itself (JSON is YAML). */
export function kubeconfig({ url, ca, token }: Access): string {
  const certificate = Buffer.from(ca).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: url, 'certificate-authority-data': certificate } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'admin' } }],
    'current-context': 'lab',
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
