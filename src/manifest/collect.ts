/**
 * Documents to objects: which of them concern us, under which name, and which of two with one name counts.
 *
 * Follows what a cluster and `kubectl apply` would do: lists are taken apart, a missing namespace is filled in, the later of two objects
 * with one name wins. Nothing is dropped without a finding, but for kinds that are none of our business. Fields are judged elsewhere
 * (config/, cluster/).
 */

import { isDnsSubdomain } from '../config/dns-name.ts';
import { type FieldPath, type Finding, findingOf, type Position, type Problem, problem } from '../config/problem.ts';
import type { ObjectMeta, ObjectRef, Resource } from '../config/resource.ts';
import { isJsonObject } from '../is-json-object.ts';
import type { ManifestDocument, ManifestFile } from './manifest.ts';
import { unsubstitutedVariables } from './variables.ts';

/** A resource that knows where it stands. */
export interface ManifestObject extends Resource {
  /** The place of the deepest node on the path that exists. */
  locate(path: FieldPath): Position;
}

/** The objects of all inputs, in input order, the later of two with one name where it stands. */
export interface Collected {
  readonly resources: readonly ManifestObject[];
  readonly findings: readonly Finding[];
}

/** The API group of our kinds. */
export const METALLB_GROUP = 'metallb.io';

/** The API group of frr-k8s, which configures the FRR beside MetalLB. */
const FRR_GROUP = 'frrk8s.metallb.io';

type Scope = 'cluster' | 'default' | 'metallb';

const KINDS = new Map<string, Scope>([
  ...['IPAddressPool', 'BGPPeer', 'BGPAdvertisement', 'L2Advertisement', 'Community', 'BFDProfile'].map(
    (kind) => [`${METALLB_GROUP}/${kind}`, 'metallb'] as const,
  ),
  ...['ServiceL2Status', 'ServiceBGPStatus', 'ConfigurationState'].map(
    (kind) => [`${METALLB_GROUP}/${kind}`, 'metallb'] as const,
  ),
  ...['Node', 'Namespace'].map((kind) => [`/${kind}`, 'cluster'] as const),
  ['networking.k8s.io/ServiceCIDR', 'cluster'],
  ...['Service', 'Secret', 'ConfigMap', 'Pod', 'Endpoints'].map((kind) => [`/${kind}`, 'default'] as const),
  ['discovery.k8s.io/EndpointSlice', 'default'],
  ['apps/Deployment', 'default'],
  ['apps/DaemonSet', 'default'],
]);

/** The group of an apiVersion: `metallb.io` of `metallb.io/v1beta1`, the empty text of `v1`. */
export const groupOf = (apiVersion: string): string => apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));

/** Collects the objects of the files in their order. */
export function collectResources(files: readonly ManifestFile[], options: { readonly namespace: string }): Collected {
  const collector = new Collector(options.namespace);
  for (const file of files) for (const document of file.documents) collector.add(document, document.value, []);
  return { resources: [...collector.objects.values()], findings: collector.findings };
}

class Collector {
  readonly objects = new Map<string, ManifestObject>();
  readonly findings: Finding[] = [];
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** Adds what stands under `at` in the document: an object, or a list of objects. */
  add(document: ManifestDocument, value: unknown, at: FieldPath, inherited: Inherited = {}): void {
    if (value === null || value === undefined) return;
    if (!isJsonObject(value)) {
      const what = Array.isArray(value) ? 'a list' : 'a single value';
      this.#report(document, at, problem('missing-kind', [], `this is ${what}, not an object`), null);
      return;
    }
    const kind = textOf(value.kind) ?? inherited.kind;
    const apiVersion = textOf(value.apiVersion) ?? inherited.apiVersion;
    if (kind === undefined) {
      this.#report(document, at, problem('missing-kind', [], 'an object without kind is passed over'), null);
      return;
    }
    if (kind.endsWith('List') && (kind === 'List' || Array.isArray(value.items))) {
      const items = Array.isArray(value.items) ? value.items : [];
      const defaults = kind === 'List' ? {} : { kind: kind.slice(0, -'List'.length), apiVersion };
      for (const [i, item] of items.entries()) this.add(document, item, [...at, 'items', i], defaults);
      return;
    }
    this.#object(document, value, at, kind, apiVersion);
  }

  #object(
    document: ManifestDocument,
    body: Readonly<Record<string, unknown>>,
    at: FieldPath,
    kind: string,
    apiVersion: string | undefined,
  ): void {
    const group = groupOf(apiVersion ?? '');
    const scope = KINDS.get(`${group}/${kind}`);
    const metadata = isJsonObject(body.metadata) ? body.metadata : {};
    const name = textOf(metadata.name) ?? '';
    const given = textOf(metadata.namespace) ?? '';
    const namespace =
      scope === 'cluster' ? '' : given !== '' ? given : group === METALLB_GROUP ? this.#namespace : 'default';
    const ref: ObjectRef = { kind, namespace, name };
    const report = (found: Problem) => this.#report(document, at, found, ref);

    if (scope === undefined) {
      if (group === METALLB_GROUP) report(foreignKind(kind));
      if (group === FRR_GROUP) report(frrKind(kind, name, body));
      return;
    }
    if (apiVersion === undefined) {
      report(problem('missing-field', ['apiVersion'], 'apiVersion is missing'));
      return;
    }
    if (name === '') {
      const notText = metadata.name !== undefined && metadata.name !== null && metadata.name !== '';
      const message = notText ? `the name of this ${kind} is no text` : `this ${kind} has no name`;
      report(
        problem('missing-name', ['metadata', 'name'], message, notText ? { help: 'write the name in quotes' } : {}),
      );
      return;
    }
    // First, because a name that is still a variable is no bad name.
    const variables = unsubstitutedVariables(kind, body);
    if (variables.length > 0) {
      for (const found of variables) report(found);
      return;
    }
    if (scope === 'metallb' && namespace !== this.#namespace) {
      const message = `only objects in namespace "${this.#namespace}" count; this one is in "${namespace}"`;
      report(problem('other-namespace', ['metadata', 'namespace'], message));
      return;
    }
    const meta = readMeta(metadata, name, namespace);
    for (const found of meta.problems) report(found);
    if (meta.value === null) return;

    const key = `${group}/${kind}/${namespace}/${name}`;
    const earlier = this.objects.get(key);
    const object: ManifestObject = {
      apiVersion,
      kind,
      metadata: meta.value,
      body,
      locate: (path) => document.locate([...at, ...path]),
    };
    if (earlier !== undefined) {
      const { file, line } = earlier.locate([]);
      const message = `${kind} "${name}" stands in ${file}:${line} too; this one, the later, counts`;
      report(problem('duplicate-object', ['metadata', 'name'], message));
    }
    this.objects.delete(key);
    this.objects.set(key, object);
  }

  #report(document: ManifestDocument, at: FieldPath, found: Problem, object: ObjectRef | null): void {
    this.findings.push({ ...findingOf(found, object), position: document.locate([...at, ...found.path]) });
  }
}

interface Inherited {
  readonly kind?: string;
  readonly apiVersion?: string | undefined;
}

function foreignKind(kind: string): Problem {
  if (kind === 'MetalLB')
    return problem('operator-kind', ['kind'], "kind MetalLB is the operator's and has no effect here");
  const help =
    kind === 'AddressPool' ? 'write an IPAddressPool, and a BGPAdvertisement or L2Advertisement for it' : undefined;
  return problem(
    'unknown-kind',
    ['kind'],
    `${METALLB_GROUP} has no kind ${kind}: the object is left out`,
    help === undefined ? {} : { help },
  );
}

/** There is no FRR here: what such an object says is lost, unless it says nothing of its own. */
function frrKind(kind: string, name: string, body: Readonly<Record<string, unknown>>): Problem {
  const isConfiguration = kind === 'FRRConfiguration';
  // MetalLB writes one for each node, from its BGPPeers and what it announces.
  if (!isConfiguration || /^metallb-/.test(name)) {
    const message = isConfiguration
      ? 'this is what MetalLB writes for one node from its own objects: it is not needed here'
      : `${kind} is a kind of frr-k8s, which does not run here: it has no effect`;
    const help = isConfiguration ? 'nothing to do, unless somebody has written it by hand' : 'nothing to do';
    return problem('frr-configuration', ['kind'], message, { severity: 'info', help });
  }
  const spec = isJsonObject(body.spec) ? body.spec : {};
  const raw = isJsonObject(spec.raw) && typeof spec.raw.rawConfig === 'string' && spec.raw.rawConfig.trim() !== '';
  const parts = [
    ...(spec.bgp === undefined ? [] : ['its BGP configuration']),
    ...(raw ? ['its raw lines of frr.conf'] : []),
  ];
  const what = parts.length === 0 ? 'it' : parts.join(' and ');
  const message = `an FRRConfiguration cannot carry over, because no FRR runs here: ${what} ${parts.length > 1 ? 'have' : 'has'} no effect`;
  return problem('frr-configuration', raw ? ['spec', 'raw'] : ['kind'], message);
}

function readMeta(
  metadata: Readonly<Record<string, unknown>>,
  name: string,
  namespace: string,
): { readonly value: ObjectMeta | null; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  if (!isDnsSubdomain(name))
    problems.push(problem('bad-name', ['metadata', 'name'], `"${name}" cannot be the name of an object`));
  const labels = readTexts(metadata.labels, ['metadata', 'labels'], problems);
  const annotations = readTexts(metadata.annotations, ['metadata', 'annotations'], problems);
  const creationTimestamp = textOf(metadata.creationTimestamp) ?? null;
  return { value: problems.length > 0 ? null : { name, namespace, labels, annotations, creationTimestamp }, problems };
}

/** Labels or annotations: texts only, as the API server demands; null counts as unset. */
function readTexts(value: unknown, path: FieldPath, problems: Problem[]): Readonly<Record<string, string>> {
  if (value === null || value === undefined) return {};
  if (!isJsonObject(value)) {
    problems.push(problem('wrong-type', path, `${String(path.at(-1))} must be an object of texts`));
    return {};
  }
  const texts: Record<string, string> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (typeof entry === 'string') texts[key] = entry;
    else if (entry !== null) {
      const help = 'write the value in quotes';
      problems.push(problem('wrong-type', [...path, key], `the value of "${key}" must be a text`, { help }));
    }
  }
  return texts;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
