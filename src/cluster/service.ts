/** v1 Service: what allocation and announcement need of it, and how it is read. */
import { compactList } from '../compact-list.ts';
import { hasError, type Parsed, type Problem, problem } from '../config/problem.ts';
import type { Resource } from '../config/resource.ts';
import { Interner } from '../interner.ts';
import { type Ip, type IpFamily, parseIp } from '../net/ip.ts';
import { Fields } from './fields.ts';

export interface Service {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339, or null where the Service was never in a cluster. */
  readonly creationTimestamp: string | null;
  readonly type: string;
  readonly loadBalancerClass: string | null;
  /** As written in `spec.loadBalancerIP`; judged by the allocator. */
  readonly loadBalancerIP: string | null;
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  /** The families that the Service has, primary first: from `clusterIPs`, else from the policy and `ipFamilies`. */
  readonly ipFamilies: readonly IpFamily[];
  readonly ipFamilyPolicy: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly ServicePort[];
  /** Valid addresses of `status.loadBalancer.ingress`, in their order. */
  readonly ingress: readonly Ip[];
}

export interface ServicePort {
  readonly protocol: string;
  readonly port: number;
}

/** Texts that thousands of Services have alike are kept once. */
const TYPES: readonly string[] = ['LoadBalancer', 'ClusterIP', 'NodePort', 'ExternalName'];

const SINGLE_STACK: Readonly<Record<IpFamily, readonly IpFamily[]>> = { 4: [4], 6: [6] };
const DUAL_STACK: Readonly<Record<IpFamily, readonly IpFamily[]>> = { 4: [4, 6], 6: [6, 4] };

const NO_TEXTS: Readonly<Record<string, string>> = {};

const shared = (texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.keys(texts).length === 0 ? NO_TEXTS : texts;

/** Reads a Service. */
export function parseService(resource: Resource): Parsed<Service> {
  const problems: Problem[] = [];
  const { name, namespace, labels, annotations, creationTimestamp } = resource.metadata;
  const body = new Fields(resource.body, [], problems);
  const spec = body.object('spec');
  const type = spec.text('type') ?? 'ClusterIP';
  const policy = spec.word('ipFamilyPolicy', ['SingleStack', 'PreferDualStack', 'RequireDualStack']) ?? 'SingleStack';
  const service: Service = {
    key: `${namespace}/${name}`,
    namespace,
    name,
    labels: shared(labels),
    annotations: shared(annotations),
    creationTimestamp,
    type: TYPES.find((known) => known === type) ?? type,
    loadBalancerClass: spec.text('loadBalancerClass') || null,
    loadBalancerIP: spec.text('loadBalancerIP') || null,
    externalTrafficPolicy: spec.word('externalTrafficPolicy', ['Cluster', 'Local']) ?? 'Cluster',
    ipFamilies: familiesOf(spec, type, policy, problems),
    ipFamilyPolicy: policy,
    selector: shared(spec.textMap('selector')),
    ports: portsOf(spec, problems),
    ingress: ingressOf(body, problems),
  };
  return { value: hasError(problems) ? null : service, problems };
}

const MAX_PORT_LIST_LENGTH = 300;

/** Most Services of a cluster have the same few ports. */
const PORT_LISTS = new Interner<readonly ServicePort[]>(1_000);

function portsOf(spec: Fields, problems: Problem[]): readonly ServicePort[] {
  const ports = spec.objects('ports').map((port) => ({
    protocol: port.text('protocol') ?? 'TCP',
    port: portOf(port, problems),
  }));
  const text = JSON.stringify(ports);
  return text.length > MAX_PORT_LIST_LENGTH ? ports : PORT_LISTS.of(text, () => ports);
}

function portOf(port: Fields, problems: Problem[]): number {
  const path = port.pathOf('port');
  const before = problems.length;
  const number = port.integer('port');
  if (number === undefined && problems.length === before)
    problems.push(problem('missing-field', path, 'the port has no number'));
  else if (number !== undefined && (number < 1 || number > 65_535))
    problems.push(problem('out-of-range', path, `a port is a number from 1 to 65535, not ${number}`));
  return number ?? 0;
}

/** From `clusterIPs`, which the cluster gives; without them from what the Service asks for, where to prefer two families counts as two. */
function familiesOf(
  spec: Fields,
  type: string,
  policy: Service['ipFamilyPolicy'],
  problems: Problem[],
): readonly IpFamily[] {
  const single = spec.text('clusterIP');
  const listed = spec.texts('clusterIPs');
  const clusterIPs = listed.length > 0 ? listed : single ? [{ text: single, path: spec.pathOf('clusterIP') }] : [];
  const families: IpFamily[] = [];
  for (const { text, path } of clusterIPs) {
    if (text === 'None') {
      if (type === 'LoadBalancer')
        problems.push(
          problem('headless-load-balancer', path, 'a headless Service (clusterIP: None) has no load balancer'),
        );
      continue;
    }
    if (text === '') continue;
    const ip = parseIp(text);
    if (!ip.ok) problems.push(problem('bad-address', path, ip.error));
    else if (families.includes(ip.value.family))
      problems.push(
        problem(
          'family-mismatch',
          path,
          `a Service has one cluster IP of each family, not two of IPv${ip.value.family}`,
        ),
      );
    else families.push(ip.value.family);
  }
  const asked = spec.texts('ipFamilies').flatMap(({ text, path }): IpFamily[] => {
    if (text === 'IPv4') return [4];
    if (text === 'IPv6') return [6];
    problems.push(problem('unknown-value', path, 'a family is IPv4 or IPv6'));
    return [];
  });
  const [primary = asked[0] ?? 4, secondary] = families;
  const isDual = families.length === 0 ? policy !== 'SingleStack' : secondary !== undefined;
  return (isDual ? DUAL_STACK : SINGLE_STACK)[primary];
}

/** Entries with a host name only are somebody else's; an address that is none is a warning, because the status is not the author's. */
function ingressOf(body: Fields, problems: Problem[]): readonly Ip[] {
  const ips = body
    .object('status')
    .object('loadBalancer')
    .objects('ingress')
    .flatMap((entry) => {
      const text = entry.text('ip');
      if (text === undefined || text === '') return [];
      const ip = parseIp(text);
      if (ip.ok) return [ip.value];
      problems.push(problem('bad-address', entry.pathOf('ip'), ip.error, { severity: 'warning' }));
      return [];
    });
  return compactList(ips);
}
