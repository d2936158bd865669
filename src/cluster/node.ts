/** v1 Node: what announcement needs of it, and how it is read. */
import { hasError, type Parsed, type Problem, problem } from '../config/problem.ts';
import type { Resource } from '../config/resource.ts';
import { type Ip, parseIp } from '../net/ip.ts';
import { Fields } from './fields.ts';

export interface Node {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `status.addresses` of type InternalIP, in their order. */
  readonly internalIPs: readonly Ip[];
  /** Condition NetworkUnavailable is True. */
  readonly networkUnavailable: boolean;
}

/** Reads a Node. */
export function parseNode(resource: Resource): Parsed<Node> {
  const problems: Problem[] = [];
  const status = new Fields(resource.body, [], problems).object('status');
  const internalIPs = status.objects('addresses').flatMap((address) => {
    if (address.text('type') !== 'InternalIP') return [];
    const ip = parseIp(address.text('address') ?? '');
    if (ip.ok) return [ip.value];
    problems.push(problem('bad-address', address.pathOf('address'), ip.error));
    return [];
  });
  const networkUnavailable = status
    .objects('conditions')
    .some((condition) => condition.text('type') === 'NetworkUnavailable' && condition.text('status') === 'True');
  const node = { name: resource.metadata.name, labels: resource.metadata.labels, internalIPs, networkUnavailable };
  return { value: hasError(problems) ? null : node, problems };
}
