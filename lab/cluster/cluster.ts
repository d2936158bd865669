/**
 * A Kubernetes cluster in network namespaces: control plane, three nodes, routers, a client.
 *
 *   wires → control plane (etcd, API server, controllers, scheduler) → kube-proxy and kubelet of each node → nodes Ready → routers and client
 *
 * All but the kubelet is Kubernetes' own. It ends with its sandbox, whatever way that ends.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assembleRootfs } from '../../deploy/image/rootfs.ts';
import { Daemon } from '../daemon.ts';
import type { Frr } from '../frr.ts';
import { missingPrograms, PROGRAMS, programFile } from '../kubernetes/binaries.ts';
import { ControlPlane } from '../kubernetes/control-plane.ts';
import { type Identity, identity, writeKubeconfig } from '../kubernetes/identity.ts';
import { kubeconfig } from '../kubernetes/kubeconfig.ts';
import type { NetworkNamespace } from '../netns.ts';
import { testObstacle } from '../requirements.ts';
import { type Finished, tryRun, until } from '../run.ts';
import type { Sandbox } from '../sandbox.ts';
import { CertificateAuthority } from './certificates.ts';
import type { Cut } from './cut.ts';
import { KUBELET_RESTARTS, type RestartPolicy } from './kubelet/restart-backoff.ts';
import type { KubeletSettings } from './kubelet/settings.ts';
import { CLUSTER_NETWORKS, CLUSTER_NODES, type ClusterNode, CONTROL_PLANE } from './layout.ts';
import { openDoor } from './open-door.ts';
import { buildOutside, type Outside } from './outside.ts';
import { type Wiring, wire } from './wiring.ts';

/** Debian packages that it needs beside Kubernetes' programs. */
export const CLUSTER_PACKAGES: readonly string[] = [
  'iproute2',
  'nftables',
  'curl',
  'frr',
  'openssl',
  'libcap2-bin',
  'binutils',
];

const API_PORT = 6443;
const READY_MS = 90_000;
const PROXY_HEALTH = 'http://127.0.0.1:10256/healthz';

export interface ClusterOptions {
  readonly sandbox: Sandbox;
  readonly env: NodeJS.ProcessEnv;
  /** A file for the API server's audit log. */
  readonly auditLog?: string;
  /** How long containers that end again and again wait; the kubelet's own figures unless told. */
  readonly restarts?: RestartPolicy;
  /** How long service accounts' tokens live; as long as the API server lets them unless told. */
  readonly tokenSeconds?: number;
  readonly print?: (line: string) => void;
}

/** Why a cluster cannot run here; undefined when it can. */
export async function clusterObstacle(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const missing = missingPrograms(PROGRAMS, env);
  if (missing.length > 0) return `not built (npm run kubernetes -- --build-only): ${missing.join(' ')}`;
  return await testObstacle('root', CLUSTER_PACKAGES);
}

export class Cluster {
  readonly controlPlane: ControlPlane;
  /** For kubectl on this machine. */
  readonly kubeconfig: string;
  readonly #wiring: Wiring;
  readonly #outside: Outside;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(fields: {
    controlPlane: ControlPlane;
    kubeconfig: string;
    wiring: Wiring;
    outside: Outside;
    env: NodeJS.ProcessEnv;
  }) {
    this.controlPlane = fields.controlPlane;
    this.kubeconfig = fields.kubeconfig;
    this.#wiring = fields.wiring;
    this.#outside = fields.outside;
    this.#env = fields.env;
  }

  /** @throws {Error} with what was waited for in vain, and the last words of whoever ended. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const { sandbox, env, auditLog, print = () => {} } = options;
    const wiring = await wire(sandbox, 'dc1');
    const directory = sandbox.subdirectory('cluster');
    const authority = await CertificateAuthority.create(directory, 'kubelets');
    const [address] = CONTROL_PLANE.addresses;
    const scheduler = identity('system:kube-scheduler');
    const proxy = identity('system:kube-proxy');
    const kubelets = new Map(
      CLUSTER_NODES.map(({ name }) => [name, identity(`system:node:${name}`, ['system:nodes'])]),
    );
    const controlPlane = await ControlPlane.start({
      sandbox,
      env,
      namespace: wiring.controlPlane,
      address,
      controllers: true,
      ...(auditLog === undefined ? {} : { auditLog }),
      nodes: {
        identities: [scheduler, proxy, ...kubelets.values()],
        kubelets: {
          authority: authority.certificate,
          ...(await authority.issueClient('kube-apiserver', '/CN=kube-apiserver-kubelet-client')),
        },
      },
    });
    print(`Control plane ready after ${controlPlane.readyAfterMs} ms`);
    const { directory: productRoot, bytes } = await assembleRootfs(sandbox.subdirectory('product'), env);
    print(`The product's image has ${(bytes / 1e6).toFixed(1)} MB`);
    const begin = { sandbox, env, directory, controlPlane, wiring, productRoot };
    const daemons = [startScheduler(begin, scheduler)];
    for (const node of CLUSTER_NODES) {
      daemons.push(startProxy(begin, node, proxy));
      daemons.push(await startKubelet(begin, node, kubelets.get(node.name) ?? proxy, authority, options));
    }
    const outside = await buildOutside(sandbox, wiring);
    const cluster = new Cluster({
      controlPlane,
      kubeconfig: await hostKubeconfig(controlPlane, wiring, directory),
      wiring,
      outside,
      env,
    });
    // One that has ended will never be ready: no use in waiting for it.
    await Promise.race([cluster.#untilReady(), ...daemons.map(failWhenEnded)]);
    return cluster;
  }

  get client(): NetworkNamespace {
    return this.#outside.client;
  }

  get routers(): readonly Frr[] {
    return this.#outside.routers;
  }

  router(name: string): Frr {
    const router = this.routers.find((candidate) => candidate.name === name);
    if (router === undefined) throw new Error(`no router ${name}`);
    return router;
  }

  /** Loses all IPv4 between a router and a node, without a word. */
  cut(router: string, node: string): Promise<Cut> {
    const address = CLUSTER_NODES.find(({ name }) => name === node)?.addresses[0];
    if (address === undefined) throw new Error(`no node ${node}`);
    return this.#outside.cut(router, address);
  }

  /** The namespace of a node, or of the control plane. */
  namespace(name: string): NetworkNamespace {
    const namespace = name === CONTROL_PLANE.name ? this.#wiring.controlPlane : this.#wiring.nodes.get(name);
    if (namespace === undefined) throw new Error(`no node ${name}`);
    return namespace;
  }

  /** Runs kubectl on this machine, as an administrator. */
  kubectl(
    args: readonly string[],
    options: { readonly input?: string; readonly timeoutMs?: number } = {},
  ): Promise<Finished> {
    const argv = [programFile('kubectl', this.#env), '--kubeconfig', this.kubeconfig, ...args];
    return tryRun(argv, { timeoutMs: 120_000, ...options });
  }

  async #untilReady(): Promise<void> {
    const path = 'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}';
    const wanted = CLUSTER_NODES.map(({ name }) => `${name}=True`).join(' ');
    await until('nodes Ready', async () => (await this.kubectl(['get', 'nodes', '-o', path])).stdout.trim(), {
      timeoutMs: READY_MS,
      everyMs: 200,
      done: (text) => text === wanted,
    });
    for (const [name, namespace] of this.#wiring.nodes)
      await until(`kube-proxy of ${name}`, () => namespace.run(['curl', '-sSf', PROXY_HEALTH]), {
        timeoutMs: READY_MS,
        everyMs: 200,
        done: () => true,
      });
  }
}

/** @throws {Error} when it ends, with its last words. */
async function failWhenEnded(daemon: Daemon): Promise<never> {
  const status = await daemon.exited;
  const words = (await daemon.stderr()).trimEnd().split('\n').slice(-5).join('\n');
  throw new Error(`${daemon.name} ended with ${status}: ${words}`);
}

/** What the parts are started with. */
interface Begin {
  readonly sandbox: Sandbox;
  readonly env: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly controlPlane: ControlPlane;
  readonly wiring: Wiring;
  /** The root file system of the product's image. */
  readonly productRoot: string;
}

/** For Go's collector, as of the control plane's programs. */
const MEMORY_LIMIT = '512MiB';

function startScheduler({ env, directory, controlPlane, wiring }: Begin, who: Identity): Daemon {
  const file = writeKubeconfig(directory, 'kube-scheduler', controlPlane, who);
  return new Daemon({
    namespace: wiring.controlPlane,
    name: 'kube-scheduler',
    directory,
    env: { GOMEMLIMIT: MEMORY_LIMIT },
    argv: [
      programFile('kube-scheduler', env),
      ...[`--kubeconfig=${file}`, `--authentication-kubeconfig=${file}`, `--authorization-kubeconfig=${file}`],
      ...['--authentication-tolerate-lookup-failure=true', '--leader-elect=false', '--bind-address=127.0.0.1'],
    ],
  });
}

function startProxy({ env, directory, controlPlane, wiring }: Begin, { name }: ClusterNode, who: Identity): Daemon {
  const file = writeKubeconfig(directory, `kube-proxy-${name}`, controlPlane, who);
  return new Daemon({
    ...inNode(wiring, name),
    name: `kube-proxy-${name}`,
    directory,
    env: { GOMEMLIMIT: MEMORY_LIMIT },
    argv: [
      programFile('kube-proxy', env),
      `--kubeconfig=${file}`,
      `--hostname-override=${name}`,
      '--proxy-mode=nftables',
      `--cluster-cidr=${CLUSTER_NETWORKS.join(',')}`,
      // Settings of the whole machine, which a network namespace cannot write.
      ...[
        '--conntrack-max-per-core=0',
        '--conntrack-tcp-timeout-established=0',
        '--conntrack-tcp-timeout-close-wait=0',
      ],
      ...['--metrics-bind-address=127.0.0.1:10249', '--healthz-bind-address=127.0.0.1:10256'],
    ],
  });
}

async function startKubelet(
  { sandbox, controlPlane, wiring, directory, productRoot }: Begin,
  node: ClusterNode,
  who: Identity,
  authority: CertificateAuthority,
  { restarts = KUBELET_RESTARTS, tokenSeconds }: ClusterOptions,
): Promise<Daemon> {
  const namespace = nodeNamespace(wiring, node.name).reference;
  const settings: KubeletSettings = {
    node,
    namespace,
    prefix: sandbox.id,
    ledger: sandbox.directory,
    directory: sandbox.subdirectory(`pods-${node.name}`),
    kubeconfig: writeKubeconfig(directory, `kubelet-${node.name}`, controlPlane, who),
    serving: await authority.issueServer(`kubelet-${node.name}`, `/O=system:nodes/CN=${who.user}`, node.addresses),
    clientAuthority: authority.certificate,
    restarts,
    productRoot,
    ...(tokenSeconds === undefined
      ? {}
      : { shortTokens: { signingKey: controlPlane.signingKey, lifetimeSeconds: tokenSeconds } }),
  };
  const file = join(directory, `kubelet-${node.name}.json`);
  writeFileSync(file, JSON.stringify(settings));
  // Not by `ip netns exec`, which gives a mount namespace of its own: the namespaces that a kubelet makes for Pods must be seen by all.
  const enter = ['nsenter', `--net=/run/netns/${namespace}`, '--'];
  return new Daemon({
    name: `kubelet-${node.name}`,
    directory,
    argv: [...enter, process.execPath, join(import.meta.dirname, 'kubelet/main.ts'), file],
  });
}

function nodeNamespace(wiring: Wiring, name: string): NetworkNamespace {
  const namespace = wiring.nodes.get(name);
  if (namespace === undefined) throw new Error(`no node ${name}`);
  return namespace;
}

const inNode = (wiring: Wiring, name: string) => ({ namespace: nodeNamespace(wiring, name) });

/** For programs outside of the namespaces: through a door on loopback. */
async function hostKubeconfig(
  { ca, token }: ControlPlane,
  { controlPlane }: Wiring,
  directory: string,
): Promise<string> {
  const port = await openDoor(controlPlane, CONTROL_PLANE.addresses[0], API_PORT);
  const file = join(directory, 'admin.kubeconfig');
  const access = { url: `https://127.0.0.1:${port}`, ca, token, serverName: 'kubernetes.default.svc' };
  writeFileSync(file, kubeconfig(access), { mode: 0o600 });
  return file;
}
