/** What a user applies: deploy/metallb-ts.yaml, made of deploy/base, against docs/decisions.md 8, 9, 20 and 21. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { MANIFEST, renderManifest } from '../deploy/manifest/render.ts';
import { controllerCommand } from '../src/cli/commands/controller.ts';
import { speakerCommand } from '../src/cli/commands/speaker.ts';

interface ContainerSpec {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe: { readonly httpGet: unknown };
  readonly livenessProbe: { readonly httpGet: unknown };
  readonly securityContext: unknown;
  readonly resources: unknown;
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly { readonly verbs: readonly string[]; readonly resources: readonly string[] }[];
  readonly spec?: {
    readonly clusterIP?: string;
    readonly selector: unknown;
    readonly ports: unknown;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly hostNetwork?: boolean;
        readonly priorityClassName: string;
        readonly tolerations?: readonly { readonly key: string }[];
        readonly securityContext: unknown;
        readonly containers: readonly [ContainerSpec];
      };
    };
  };
}

const text = readFileSync(MANIFEST, 'utf8');
const objects = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
const find = (kind: string, name: string): KubernetesObject => {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};
const WORKLOADS = [
  ['Deployment', 'controller'],
  ['DaemonSet', 'speaker'],
] as const;
const podOf = (kind: string, name: string) => {
  const template = find(kind, name).spec?.template;
  if (template === undefined) throw new Error(`${kind} ${name} has no Pods`);
  return template;
};

describe('deploy/metallb-ts.yaml', () => {
  it('is what npm run manifests makes', () => {
    expect(text).toBe(renderManifest());
  });

  it('has each object once, and each in the namespace that is its own', () => {
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    const clusterScoped =
      /^(?:Namespace|ClusterRole|ClusterRoleBinding|CustomResourceDefinition|ValidatingWebhookConfiguration)$/;
    for (const { kind, metadata } of objects)
      expect(metadata.namespace, `${kind} ${metadata.name}`).toBe(
        clusterScoped.test(kind) ? undefined : 'metallb-system',
      );
  });

  it('has what Pods need before them, and the long definitions behind them', () => {
    const at = (kind: string): number => objects.findIndex((object) => object.kind === kind);
    const last = (kind: string): number => objects.findLastIndex((object) => object.kind === kind);
    for (const kind of ['Namespace', 'ServiceAccount', 'ClusterRole', 'RoleBinding'])
      expect(last(kind), kind).toBeLessThan(at('Deployment'));
    expect(at('CustomResourceDefinition')).toBeGreaterThan(at('DaemonSet'));
  });

  it('lets every level of Pod security through in its namespace', () => {
    expect(find('Namespace', 'metallb-system').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'privileged',
    });
  });

  it.each(WORKLOADS)("has MetalLB's name and selector, and both sets of labels: %s %s", (kind, component) => {
    const { metadata, spec } = find(kind, component);
    expect(spec?.selector).toEqual({ matchLabels: { app: 'metallb', component } });
    const labels = {
      app: 'metallb',
      component,
      'app.kubernetes.io/name': 'metallb',
      'app.kubernetes.io/component': component,
    };
    expect([metadata.labels, spec?.template.metadata.labels]).toEqual([labels, labels]);
  });

  it.each(WORKLOADS)('runs the version of package.json: %s %s', (kind, name) => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    expect(podOf(kind, name).spec.containers[0].image).toBe(`localhost/metallb-ts:${version}`);
  });

  it.each(WORKLOADS)('gives no more than it needs: %s %s', (kind, name) => {
    const { securityContext, containers, hostNetwork = false } = podOf(kind, name).spec;
    expect(securityContext).toMatchObject({ seccompProfile: { type: 'RuntimeDefault' } });
    expect(containers[0].securityContext).toEqual({
      ...(name === 'speaker' ? { runAsUser: 0 } : {}),
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], ...(name === 'speaker' ? { add: ['NET_RAW', 'NET_BIND_SERVICE'] } : {}) },
    });
    if (name === 'controller') expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65534 });
    expect(hostNetwork).toBe(name === 'speaker');
    expect(containers[0].resources).toMatchObject({ requests: { cpu: expect.anything(), memory: expect.anything() } });
  });

  it('keeps its Pods where nodes are short of room, and runs speakers on nodes of the control plane', () => {
    expect(podOf('DaemonSet', 'speaker').spec).toMatchObject({
      priorityClassName: 'system-node-critical',
      tolerations: [{ key: 'node-role.kubernetes.io/control-plane' }, { key: 'node-role.kubernetes.io/master' }],
    });
    expect(podOf('Deployment', 'controller').spec.priorityClassName).toBe('system-cluster-critical');
  });

  it('probes the ports that the programs are told to serve health on', () => {
    const [controller] = podOf('Deployment', 'controller').spec.containers;
    const [speaker] = podOf('DaemonSet', 'speaker').spec.containers;
    expect(controller.ports).toContainEqual({ name: 'health', containerPort: 17472 });
    for (const [container, where] of [
      [controller, { port: 'health' }],
      [speaker, { host: '127.0.0.1', port: 17472 }],
    ] as const) {
      expect(container.args).toContain('--health-probe-port=17472');
      expect(container.readinessProbe.httpGet).toEqual({ ...where, path: '/readyz' });
      expect(container.livenessProbe.httpGet).toEqual({ ...where, path: '/healthz' });
    }
  });

  it("gives the guide's ServiceMonitor both components, on a port of plain HTTP", () => {
    const monitor = parse(readFileSync('examples/guide/service-monitor/prometheus-servicemonitor.yaml', 'utf8')) as {
      readonly spec: {
        readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
        readonly namespaceSelector: { readonly matchNames: readonly string[] };
        readonly endpoints: readonly [{ readonly port: string }];
      };
    };
    const { selector, namespaceSelector, endpoints } = monitor.spec;
    const selected = objects.filter(
      ({ kind, metadata: { namespace = '', labels = {} } }) =>
        kind === 'Service' &&
        namespaceSelector.matchNames.includes(namespace) &&
        Object.entries(selector.matchLabels).every(([label, value]) => labels[label] === value),
    );
    expect(selected.map(({ spec }) => spec?.selector)).toEqual([
      { app: 'metallb', component: 'controller' },
      { app: 'metallb', component: 'speaker' },
    ]);
    for (const { spec } of selected)
      expect(spec?.ports).toContainEqual({ name: endpoints[0].port, port: 7472, targetPort: endpoints[0].port });
  });

  it.each(WORKLOADS)('serves metrics on the ports that its Service names: %s %s', (kind, name) => {
    const [{ args, ports }] = podOf(kind, name).spec.containers;
    for (const [port, number, flag] of [
      ['monitoring', 7472, '--metrics-port'],
      ['metricshttps', 9120, '--port'],
    ] as const) {
      expect(args).toContain(`${flag}=${number}`);
      expect(ports).toContainEqual({ name: port, containerPort: number });
      expect(find('Service', `${name}-monitor-service`).spec?.ports).toContainEqual({
        name: port,
        port: number,
        targetPort: port,
      });
    }
  });

  it.each([
    ['Deployment', 'controller', controllerCommand],
    ['DaemonSet', 'speaker', speakerCommand],
  ] as const)('starts a program with flags that it has: %s %s', (kind, name, commandOf) => {
    const { options } = commandOf({ io: { ...process, env: {} }, exit: () => undefined });
    const known = options.filter(({ hidden }) => !hidden).map(({ long }) => long);
    const [{ command, args }] = podOf(kind, name).spec.containers;
    expect(command).toEqual(['/usr/bin/metallb', name]);
    for (const arg of args) expect(known).toContain(arg.replace(/=.*/, ''));
  });

  it('names each resource and verb of its roles', () => {
    for (const { rules = [], metadata } of objects)
      for (const { verbs, resources } of rules) expect([...verbs, ...resources], metadata.name).not.toContain('*');
  });

  it('leaves no webhook of MetalLB in force that nobody answers', () => {
    expect(find('ValidatingWebhookConfiguration', 'metallb-webhook-configuration')).not.toHaveProperty('webhooks');
  });
});
