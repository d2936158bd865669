/** The node as the kubelet keeps it in the API: the object, its status, and the lease that says that the kubelet lives. */
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, release, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '../../../src/error-message.ts';
import { LEASE, NODE } from '../../../src/kube/resource-types.ts';
import type { RestClient } from '../../../src/kube/rest.ts';
import { KubeError, type KubeObject } from '../../../src/kube/types.ts';
import type { ClusterNode } from '../layout.ts';
import { rfc3339 } from './rfc3339.ts';

export const KUBELET_PORT = 10250;

/** The kubelet's own figures. */
const LEASE_SECONDS = 40;
const HEARTBEAT_MS = 10_000;
const STATUS_EVERY_MS = 5 * 60_000;
const RETRY_MS = 500;
const TIMEOUT_MS = 5_000;
const MAX_PODS = '250';

const timeout = (): AbortSignal => AbortSignal.timeout(TIMEOUT_MS);
const now = (): string => rfc3339(new Date());

/** Registers the node and keeps it ready for as long as this process runs; resolves when it is registered. */
export async function keepNode(
  api: RestClient,
  node: ClusterNode,
  version: string,
  log: (message: string) => void,
): Promise<void> {
  const readySince = now();
  await untilDone(log, 'node', () => createUnlessThere(api, nodeObject(node)));
  await untilDone(log, 'node status', () => tellStatus(api, node, version, readySince));
  await untilDone(log, 'lease', () => renewLease(api, node.name));
  setInterval(() => void attempt(log, 'lease', () => renewLease(api, node.name)), HEARTBEAT_MS);
  setInterval(
    () => void attempt(log, 'node status', () => tellStatus(api, node, version, readySince)),
    STATUS_EVERY_MS,
  );
}

async function attempt(log: (message: string) => void, what: string, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    log(`${what}: ${errorMessage(error)}`);
    return false;
  }
}

async function untilDone(log: (message: string) => void, what: string, call: () => Promise<unknown>): Promise<void> {
  while (!(await attempt(log, what, call))) await sleep(RETRY_MS);
}

async function createUnlessThere(api: RestClient, object: KubeObject): Promise<void> {
  try {
    await api.create(NODE, object, timeout());
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error;
  }
}

const machine = (): string => (arch() === 'x64' ? 'amd64' : arch());

function nodeObject({ name, podNetworks }: ClusterNode): KubeObject {
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': machine() };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: { podCIDR: podNetworks[0], podCIDRs: podNetworks },
  };
}

async function tellStatus(
  api: RestClient,
  { name, addresses }: ClusterNode,
  version: string,
  readySince: string,
): Promise<void> {
  const resources = {
    cpu: String(availableParallelism()),
    memory: `${Math.floor(totalmem() / 1_024)}Ki`,
    pods: MAX_PODS,
  };
  const condition = (type: string, status: string, reason: string, message: string) => {
    return { type, status, reason, message, lastHeartbeatTime: now(), lastTransitionTime: readySince };
  };
  const status = {
    addresses: [...addresses.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: name }],
    capacity: resources,
    allocatable: resources,
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: KUBELET_PORT } },
    nodeInfo: {
      kubeletVersion: version,
      kubeProxyVersion: '',
      containerRuntimeVersion: 'lab://1',
      operatingSystem: 'linux',
      architecture: machine(),
      kernelVersion: release(),
      osImage: osImage(),
      machineID: name,
      systemUUID: name,
      bootID: name,
    },
    // WebSockets of kubectl exec come through to us as they are; else the API server would translate them to SPDY.
    declaredFeatures: ['ExtendWebSocketsToKubelet'],
  };
  await api.patch(NODE, { namespace: '', name }, { type: 'merge', body: { status } }, timeout(), 'status');
}

function osImage(): string {
  return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
}

async function renewLease(api: RestClient, name: string): Promise<void> {
  const key = { namespace: 'kube-node-lease', name };
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  try {
    await api.patch(LEASE, key, { type: 'merge', body: { spec: { renewTime } } }, timeout());
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 404)) throw error;
    const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime };
    await api.create(LEASE, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: key, spec }, timeout());
  }
}
