/** A kubeconfig for the embedded API server: for kubectl, and for our own processes. */

/** JSON, which is YAML too. @param ca - PEM; null for plain HTTP */
export function kubeconfigText(url: string, ca: string | null, token: string): string {
  const name = 'metallb-ts-embedded';
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name,
          cluster: {
            server: url,
            ...(ca === null ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
          },
        },
      ],
      users: [{ name, user: { token } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    },
    null,
    2,
  )}\n`;
}
