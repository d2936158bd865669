/** A Pod as far as this kubelet looks at it. */
import type { KubeMeta, KubeObject } from '../../../src/kube/types.ts';

export interface Pod {
  readonly metadata: KubeMeta & { readonly deletionGracePeriodSeconds?: number };
  readonly spec: PodSpec;
  readonly status?: { readonly conditions?: readonly PodCondition[] };
}

export interface PodSpec {
  readonly nodeName: string;
  readonly containers: readonly ContainerSpec[];
  readonly initContainers?: readonly ContainerSpec[];
  readonly volumes?: readonly Volume[];
  readonly hostNetwork?: boolean;
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  readonly serviceAccountName?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: { readonly runAsUser?: number; readonly runAsGroup?: number };
}

export interface PodCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly EnvEntry[];
  readonly envFrom?: readonly EnvFrom[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: Handler };
  readonly securityContext?: SecurityContext;
}

export interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly privileged?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
}

export interface EnvEntry {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: KeyReference;
    readonly configMapKeyRef?: KeyReference;
  };
}

export interface EnvFrom {
  readonly prefix?: string;
  readonly secretRef?: { readonly name: string; readonly optional?: boolean };
  readonly configMapRef?: { readonly name: string; readonly optional?: boolean };
}

export interface KeyReference {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
}

/** Which keys of an object become which files; left out: all, by their own names. */
export type Items = readonly { readonly key: string; readonly path: string }[];

export interface DownwardItem {
  readonly path: string;
  readonly fieldRef?: { readonly fieldPath: string };
}

/** One source of files; exactly one field is set. */
export interface ProjectedSource {
  readonly secret?: { readonly name: string; readonly items?: Items; readonly optional?: boolean };
  readonly configMap?: { readonly name: string; readonly items?: Items; readonly optional?: boolean };
  readonly serviceAccountToken?: {
    readonly path: string;
    readonly audience?: string;
    readonly expirationSeconds?: number;
  };
  readonly downwardAPI?: { readonly items?: readonly DownwardItem[] };
}

export interface Volume {
  readonly name: string;
  readonly emptyDir?: object;
  readonly hostPath?: { readonly path: string; readonly type?: string };
  readonly secret?: { readonly secretName: string; readonly items?: Items; readonly optional?: boolean };
  readonly configMap?: ProjectedSource['configMap'];
  readonly downwardAPI?: ProjectedSource['downwardAPI'];
  readonly projected?: { readonly sources?: readonly ProjectedSource[] };
}

export interface HttpGet {
  readonly port: number | string;
  readonly path?: string;
  readonly host?: string;
  readonly scheme?: 'HTTP' | 'HTTPS';
  readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
}

/** What a probe or a hook does; exactly one field is set. */
export interface Handler {
  readonly exec?: { readonly command?: readonly string[] };
  readonly httpGet?: HttpGet;
  readonly tcpSocket?: { readonly port: number | string; readonly host?: string };
  readonly sleep?: { readonly seconds: number };
}

export interface Probe extends Handler {
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
}

/** The API server has checked it against its own schema. */
export const podOf = (object: KubeObject): Pod => object as unknown as Pod;

/** A port's number, which may be given by the name that the container has for it. */
export function portNumber(port: number | string, { ports = [] }: ContainerSpec): number {
  if (typeof port === 'number') return port;
  const named = ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
  if (!Number.isInteger(named)) throw new Error(`no port is called "${port}"`);
  return named;
}

/** `namespace/name`, as people are told of it. */
export const podText = ({ metadata: { namespace, name } }: Pod): string => `${namespace}/${name}`;

/** What the downward API says of a Pod, by the path of the field; undefined where it has no such field. */
export function downwardField(
  { metadata, spec }: Pod,
  ips: { readonly podIps: readonly string[]; readonly hostIps: readonly string[] },
  path: string,
): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed?.[1] !== undefined && keyed[2] !== undefined)
    return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]] ?? '';
  const all = (of: Readonly<Record<string, string>> = {}): string =>
    Object.entries(of)
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .join('\n');
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
      return all(metadata.labels);
    case 'metadata.annotations':
      return all(metadata.annotations);
    case 'spec.nodeName':
      return spec.nodeName;
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? 'default';
    case 'status.hostIP':
      return ips.hostIps[0] ?? '';
    case 'status.hostIPs':
      return ips.hostIps.join(',');
    case 'status.podIP':
      return ips.podIps[0] ?? '';
    case 'status.podIPs':
      return ips.podIps.join(',');
    default:
      return undefined;
  }
}
