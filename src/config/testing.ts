/** Resources for tests, as short as they can be said. */
import type { BfdProfile } from './bfd-profile.ts';
import type { Finding } from './problem.ts';
import { formatFieldPath, type Problem, severityOf } from './problem.ts';
import type { Resource } from './resource.ts';

/** A profile that says nothing but this. */
export const bfdProfileOf = (name: string, part: Partial<BfdProfile> = {}): BfdProfile => ({
  name,
  receiveIntervalMs: null,
  transmitIntervalMs: null,
  detectMultiplier: null,
  echoIntervalMs: null,
  echoMode: false,
  passiveMode: false,
  minimumTtl: null,
  ...part,
});

/** A metallb.io object in our namespace. */
export const resourceOf = (kind: string, name: string, spec: unknown, version = defaultVersion(kind)): Resource => ({
  apiVersion: version,
  kind,
  metadata: { name, namespace: 'metallb-system', labels: {}, annotations: {}, creationTimestamp: null },
  body: { apiVersion: version, kind, metadata: { name }, spec },
});

const defaultVersion = (kind: string): string => (kind === 'BGPPeer' ? 'metallb.io/v1beta2' : 'metallb.io/v1beta1');

/** A core object in namespace `default`, or in another. */
export const coreResourceOf = (
  kind: string,
  name: string,
  body: Readonly<Record<string, unknown>>,
  meta: Partial<Resource['metadata']> = {},
): Resource => {
  const apiVersion = kind === 'EndpointSlice' ? 'discovery.k8s.io/v1' : 'v1';
  return {
    apiVersion,
    kind,
    metadata: { name, namespace: 'default', labels: {}, annotations: {}, creationTimestamp: null, ...meta },
    body: { apiVersion, kind, metadata: { name }, ...body },
  };
};

/** Problems as `severity rule path`. */
export const problemLines = (problems: readonly Problem[]): readonly string[] =>
  problems.map((found) => `${severityOf(found)} ${found.rule} ${formatFieldPath(found.path)}`.trim());

/** Findings as `severity rule kind/name path`. */
export const findingLines = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ severity, rule, object, path }) =>
    `${severity} ${rule} ${object?.kind}/${object?.name} ${formatFieldPath(path)}`.trim(),
  );
