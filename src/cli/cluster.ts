/** How the daemons' commands reach a cluster. */
import { type ClusterAccess, inClusterAccess } from '../kube/cluster-access.ts';
import { DEFAULT_PLAN_OPTIONS } from '../plan/snapshot.ts';
import { CannotRunError, type Io } from './io.ts';

/** As kubectl: the flag, else $KUBECONFIG, else the Pod's own. */
export async function accessOf(flag: string | undefined, { env }: Io): Promise<ClusterAccess> {
  const file = flag || env.KUBECONFIG;
  const access = file ? (await import('../kube/kubeconfig.ts')).kubeconfigAccess(file) : inClusterAccess(env);
  if (!access.ok) throw new CannotRunError(access.error);
  return access.value;
}

/** The namespace of the metallb.io objects. */
export const namespaceOf = (flag: string | undefined, access: ClusterAccess, { env }: Io): string =>
  flag || env.METALLB_NAMESPACE || access.namespace || DEFAULT_PLAN_OPTIONS.namespace;

/** Resolves with the first signal to end. */
export const signalled = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });

/** The second signal does not wait for a good end. */
export function exitAtNextSignal(): void {
  process.once('SIGTERM', () => process.exit(1));
  process.once('SIGINT', () => process.exit(1));
}

/** As commander names an option's value. */
export const camelCase = (name: string): string =>
  name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
