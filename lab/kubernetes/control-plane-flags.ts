/** The flags of the control plane's programs, and the keys that they are given. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from './identity.ts';

export interface NodeAccess {
  readonly identities: readonly Identity[];
  readonly kubelets: { readonly authority: string; readonly certificate: string; readonly key: string };
}

export function etcdFlags(directory: string, clientUrl: string, peerUrl: string): readonly string[] {
  return [
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--unsafe-no-fsync',
  ];
}

export interface Keys {
  /** Written by the API server: its certificate and, behind it, the authority that signed it. */
  readonly certificate: string;
  readonly tokens: string;
  readonly signingKey: string;
  readonly verifyingKey: string;
}

export function writeKeys(directory: string, identities: readonly Identity[]): Keys {
  const keys: Keys = {
    certificate: join(directory, 'apiserver.crt'),
    tokens: join(directory, 'tokens.csv'),
    signingKey: join(directory, 'service-account.key'),
    verifyingKey: join(directory, 'service-account.pub'),
  };
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const secret = { mode: 0o600 };
  const tokens = identities.map(({ token, user, groups }) => `${token},${user},${user},"${groups.join(',')}"\n`);
  writeFileSync(keys.tokens, tokens.join(''), secret);
  writeFileSync(keys.signingKey, privateKey.export({ type: 'sec1', format: 'pem' }), secret);
  writeFileSync(keys.verifyingKey, publicKey.export({ type: 'spki', format: 'pem' }));
  return keys;
}

export interface FlagsInput {
  readonly directory: string;
  readonly keys: Keys;
  readonly etcdUrl: string;
  readonly address: string;
  readonly port: number;
  /** One JSON event a line. */
  readonly auditLog: string | undefined;
  readonly nodes: NodeAccess | undefined;
  readonly more: readonly string[];
}

export function apiServerFlags({
  directory,
  keys,
  etcdUrl,
  address,
  port,
  auditLog,
  nodes,
  more,
}: FlagsInput): readonly string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${port}`,
    `--cert-dir=${directory}`,
    `--token-auth-file=${keys.tokens}`,
    '--authorization-mode=RBAC',
    '--anonymous-auth=true',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${keys.verifyingKey}`,
    `--service-account-signing-key-file=${keys.signingKey}`,
    '--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112',
    // A Service in a webhook's configuration is dialled at its endpoints: no kube-proxy is here.
    '--enable-aggregator-routing=true',
    '--profiling=false',
    ...(nodes === undefined ? FLAGS_WITHOUT_NODES : kubeletFlags(nodes)),
    ...(auditLog === undefined ? [] : auditFlags(directory, auditLog)),
    ...more,
  ];
}

const FLAGS_WITHOUT_NODES: readonly string[] = [
  // No kubelet is there to hand out tokens, and no controller that makes each namespace's default account.
  '--disable-admission-plugins=ServiceAccount',
  // A loopback address is not allowed in Endpoints.
  '--endpoint-reconciler-type=none',
];

const kubeletFlags = ({ kubelets: { authority, certificate, key } }: NodeAccess): readonly string[] => [
  // Beside RBAC: a kubelet may read what its own Pods need, and nothing else.
  '--authorization-mode=Node',
  '--kubelet-preferred-address-types=InternalIP',
  `--kubelet-certificate-authority=${authority}`,
  `--kubelet-client-certificate=${certificate}`,
  `--kubelet-client-key=${key}`,
];

function auditFlags(directory: string, log: string): readonly string[] {
  const policy = join(directory, 'audit-policy.yaml');
  writeFileSync(
    policy,
    'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{ level: Metadata }]\n',
  );
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-mode=blocking-strict'];
}

export function controllerFlags(kubeconfigFile: string, keys: Keys): readonly string[] {
  return [
    `--kubeconfig=${kubeconfigFile}`,
    '--leader-elect=false',
    `--service-account-private-key-file=${keys.signingKey}`,
    `--root-ca-file=${keys.certificate}`,
    '--allocate-node-cidrs=false',
    '--bind-address=127.0.0.1',
    // Its metrics and health are asked by nobody; with port 0 several control planes do not meet.
    '--secure-port=0',
    // Its own limits are made for large clusters; a test waits for it.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--namespace-sync-period=30s',
    // An API server that is away for half a minute on purpose, and the controllers' own pauses after it, are no failure of nodes.
    '--node-monitor-grace-period=3m',
  ];
}
