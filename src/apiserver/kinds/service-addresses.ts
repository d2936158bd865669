/**
 * Cluster IPs and node ports of Services. What is in use is read off the Services that are stored, so nothing can leak: an object that is not
 * stored has taken nothing, one that goes gives back, and restoring an older state restores this too.
 *
 * Kubernetes draws at random; here the next free one after the last is taken, so that a demo and a test come out alike each time.
 */
import { formatIp, type Ip, type IpFamily, parseIp } from '../../net/ip.ts';
import { formatPrefix, lastIpOf, type Prefix, prefixContains } from '../../net/prefix.ts';
import { type Draft, draftsIn, isObject, listAt, objectAt, textAt } from '../json.ts';
import { ApiError, type FieldError, invalidValue } from '../status.ts';
import type { Collection } from '../store/collection.ts';
import { keyOf } from '../store/store.ts';
import type { ApiObject, Json } from '../types.ts';
import { isHeadless, needsClusterIp, needsHealthCheckPort, needsNodePorts } from './service-defaults.ts';

export interface ServiceRanges {
  /** Of cluster IPs: the first one is the family of a Service that names none. One of each family at most. */
  readonly clusterIps: readonly Prefix[];
  readonly nodePorts: { readonly first: number; readonly last: number };
}

/** A name for the whole of something that is handed out, with a place from which to look for the next free one. */
class Pool {
  readonly #used = new Map<string, string>();

  holder(item: string): string | undefined {
    return this.#used.get(item);
  }

  take(item: string, key: string): void {
    this.#used.set(item, key);
  }

  give(item: string, key: string): void {
    if (this.#used.get(item) === key) this.#used.delete(item);
  }

  clear(): void {
    this.#used.clear();
  }
}

const FAMILY: Readonly<Record<IpFamily, string>> = { 4: 'IPv4', 6: 'IPv6' };

export class ServiceAddresses {
  readonly #ranges: ServiceRanges;
  readonly #ips = new Pool();
  /** By protocol and number, as one number may serve TCP and UDP. */
  readonly #ports = new Pool();
  readonly #services: Collection;
  readonly #nextIp = new Map<IpFamily, bigint>();
  #nextPort: number;

  constructor(services: Collection, ranges: ServiceRanges) {
    this.#ranges = ranges;
    this.#services = services;
    this.#nextPort = ranges.nodePorts.first;
    services.listen(({ key, previous, type, object }) => {
      if (previous !== null) this.#each(previous, (pool, item) => pool.give(item, key));
      if (type !== 'DELETED') this.#each(object, (pool, item) => pool.take(item, key));
    });
  }

  /** Reads anew what is in use, after the store was set back. */
  reload(): void {
    this.#ips.clear();
    this.#ports.clear();
    for (const key of this.#services.keys()) {
      const object = this.#services.get(key);
      if (object !== undefined) this.#each(object, (pool, item) => pool.take(item, key));
    }
  }

  /** Gives a Service what it lacks; what it names must be free and ours to give. */
  allocate(draft: Draft): readonly FieldError[] {
    const spec = draft.spec as Draft;
    const key = keyOf(textAt(draft, 'metadata', 'namespace'), textAt(draft, 'metadata', 'name'));
    const errors: FieldError[] = [];
    if (needsClusterIp(spec)) {
      errors.push(...this.#families(spec));
      if (errors.length === 0 && !isHeadless(spec)) errors.push(...this.#clusterIps(spec, key));
    }
    errors.push(...this.#nodePorts(spec, key));
    return errors;
  }

  /** `ipFamilies` and `ipFamilyPolicy`, by what was asked for and what the cluster has. */
  #families(spec: Draft): readonly FieldError[] {
    const own = this.#ranges.clusterIps.map(({ address }) => FAMILY[address.family]);
    const named = listAt(spec, 'clusterIPs').flatMap((text) => {
      const ip = parseIp(String(text));
      return ip.ok ? [FAMILY[ip.value.family]] : [];
    });
    const asked = listAt(spec, 'ipFamilies').length > 0 ? listAt(spec, 'ipFamilies').map(String) : named;
    const foreign = asked.findIndex((family) => !own.includes(family));
    if (foreign >= 0)
      return [invalidValue(`spec.ipFamilies[${foreign}]`, asked[foreign], 'not configured on this cluster')];
    const policy = spec.ipFamilyPolicy ?? (asked.length > 1 ? 'RequireDualStack' : 'SingleStack');
    spec.ipFamilyPolicy = policy;
    if (policy === 'RequireDualStack' && own.length < 2)
      return [invalidValue('spec.ipFamilyPolicy', policy, 'this cluster is not configured for dual-stack services')];
    if (policy === 'SingleStack' && asked.length > 1)
      return [
        invalidValue(
          'spec.ipFamilyPolicy',
          policy,
          "may be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
        ),
      ];
    const families = asked.length > 0 ? asked : own.slice(0, 1);
    spec.ipFamilies = policy === 'SingleStack' ? families : [...new Set([...families, ...own])];
    return [];
  }

  #clusterIps(spec: Draft, key: string): readonly FieldError[] {
    const families = listAt(spec, 'ipFamilies');
    const ips = [...listAt(spec, 'clusterIPs')].map(String).slice(0, families.length);
    for (const [index, text] of ips.entries()) {
      const wrong = this.#unusable(text, key);
      if (wrong !== undefined) return [invalidValue('spec.clusterIPs', [text], wrong)];
      if (FAMILY[(parseIp(text) as { value: Ip }).value.family] !== families[index])
        return [
          invalidValue(
            `spec.clusterIPs[${index}]`,
            text,
            `expected an ${String(families[index])} value as indicated by \`ipFamilies[${index}]\``,
          ),
        ];
    }
    for (let index = ips.length; index < families.length; index++)
      ips.push(this.#freeIp(families[index] === 'IPv6' ? 6 : 4));
    spec.clusterIPs = ips;
    spec.clusterIP = ips[0];
    return [];
  }

  #unusable(text: string, key: string): string | undefined {
    const ip = parseIp(text);
    if (!ip.ok) return ip.error;
    const range = this.#ranges.clusterIps.find(({ address }) => address.family === ip.value.family);
    if (range === undefined || !prefixContains(range, ip.value))
      return `failed to allocate IP ${text}: the provided IP (${text}) is not in the valid range. The range of valid IPs is ${range === undefined ? 'empty' : formatPrefix(range)}`;
    const holder = this.#ips.holder(formatIp(ip.value));
    return holder === undefined || holder === key
      ? undefined
      : `failed to allocate IP ${text}: provided IP is already allocated`;
  }

  #freeIp(family: IpFamily): string {
    const range = this.#ranges.clusterIps.find(({ address }) => address.family === family);
    if (range !== undefined) {
      // Neither the network's own address nor the last one, which is IPv4's broadcast address.
      const [first, last] = [range.address.value + 1n, lastIpOf(range).value - 1n];
      const start = this.#nextIp.get(family) ?? first;
      for (let value = start; ; ) {
        const text = formatIp({ family, value });
        const next = value >= last ? first : value + 1n;
        if (this.#ips.holder(text) === undefined) {
          this.#nextIp.set(family, next);
          return text;
        }
        if (next === start) break;
        value = next;
      }
    }
    throw internal('failed to allocate a serviceIP: range is full');
  }

  #nodePorts(spec: Draft, key: string): readonly FieldError[] {
    const errors: FieldError[] = [];
    const taken = new Set<string>();
    const ports = draftsIn(spec, 'ports');
    const check = (field: string, port: number, protocol: string): void => {
      const { first, last } = this.#ranges.nodePorts;
      const holder = this.#ports.holder(`${protocol}/${port}`);
      if (port < first || port > last || !Number.isInteger(port))
        errors.push(
          invalidValue(
            field,
            port,
            `provided port is not in the valid range. The range of valid ports is ${first}-${last}`,
          ),
        );
      else if (holder !== undefined && holder !== key)
        errors.push(invalidValue(field, port, 'provided port is already allocated'));
      taken.add(`${protocol}/${port}`);
    };
    ports.forEach((port, index) => {
      if (port.nodePort !== undefined)
        check(`spec.ports[${index}].nodePort`, Number(port.nodePort), String(port.protocol));
    });
    if (spec.healthCheckNodePort !== undefined)
      check('spec.healthCheckNodePort', Number(spec.healthCheckNodePort), 'TCP');
    if (errors.length > 0) return errors;
    if (needsNodePorts(spec))
      for (const port of ports) {
        if (port.nodePort !== undefined) continue;
        // TCP and UDP of one port share their node port where they can, as in Kubernetes.
        const twin = ports.find((other) => other.port === port.port && other.nodePort !== undefined)
          ?.nodePort as number;
        const free = twin !== undefined && this.#isFree(`${String(port.protocol)}/${twin}`, key, taken);
        port.nodePort = free ? twin : this.#freePort(String(port.protocol), taken);
        taken.add(`${String(port.protocol)}/${String(port.nodePort)}`);
      }
    if (needsHealthCheckPort(spec) && spec.healthCheckNodePort === undefined)
      spec.healthCheckNodePort = this.#freePort('TCP', taken);
    return [];
  }

  #isFree(item: string, key: string, taken: ReadonlySet<string>): boolean {
    const holder = this.#ports.holder(item);
    return !taken.has(item) && (holder === undefined || holder === key);
  }

  #freePort(protocol: string, taken: ReadonlySet<string>): number {
    const { first, last } = this.#ranges.nodePorts;
    for (let count = first; count <= last; count++) {
      const port = this.#nextPort;
      this.#nextPort = port >= last ? first : port + 1;
      if (this.#isFree(`${protocol}/${port}`, '', taken)) return port;
    }
    throw internal('failed to allocate a nodePort: range is full');
  }

  /** Everything that a stored Service holds. */
  #each(service: ApiObject, visit: (pool: Pool, item: string) => void): void {
    const spec: Json = objectAt(service, 'spec');
    for (const text of listAt(spec, 'clusterIPs')) {
      const ip = parseIp(String(text));
      if (ip.ok) visit(this.#ips, formatIp(ip.value));
    }
    for (const port of listAt(spec, 'ports'))
      if (isObject(port) && port.nodePort !== undefined)
        visit(this.#ports, `${String(port.protocol)}/${String(port.nodePort)}`);
    if (spec.healthCheckNodePort !== undefined) visit(this.#ports, `TCP/${String(spec.healthCheckNodePort)}`);
  }
}

const internal = (why: string): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] });
