/** Who the programs of the cluster are to the API server: users with tokens, in the groups that Kubernetes' own RBAC roles are bound to. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Access, kubeconfig } from './kubeconfig.ts';

export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
  readonly token: string;
}

export const identity = (user: string, groups: readonly string[] = []): Identity => ({
  user,
  groups,
  token: randomBytes(24).toString('base64url'),
});

/** Kubernetes' name for the kubelet of a node. */
export const kubeletIdentity = (node: string): Identity => identity(`system:node:${node}`, ['system:nodes']);

/** Writes the file by which a program is this identity. */
export function writeKubeconfig(
  directory: string,
  name: string,
  server: Pick<Access, 'url' | 'ca'>,
  { token }: Identity,
): string {
  const file = join(directory, `${name}.kubeconfig`);
  writeFileSync(file, kubeconfig({ ...server, token }), { mode: 0o600 });
  return file;
}
