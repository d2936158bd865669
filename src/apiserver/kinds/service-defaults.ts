/**
 * Services: defaults, and what follows an update (apis/core/v1/defaults.go, registry/core/service/strategy.go and storage.go).
 *
 * What the type of a Service does not use any more is dropped where the client left it as it was, and what the server had given is kept where the
 * client leaves it out: so both `kubectl apply` of a manifest and a read-change-write come out as one expects.
 */
import { type Draft, draftAt, draftsIn, isObject, listAt, objectAt, sameJson, setDefault, textAt } from '../json.ts';
import type { ApiObject, Json } from '../types.ts';

/** Whether a Service of this type has cluster IPs. */
export const needsClusterIp = (spec: Json): boolean => spec.type !== 'ExternalName';

export const isHeadless = (spec: Json): boolean =>
  spec.clusterIP === 'None' || (Array.isArray(spec.clusterIPs) && spec.clusterIPs[0] === 'None');

/** Whether its ports have node ports. */
export const needsNodePorts = (spec: Json): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

/** Whether a health check of its nodes has a port of its own. */
export const needsHealthCheckPort = (spec: Json): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

const isExternal = (spec: Json): boolean =>
  spec.type === 'NodePort' ||
  spec.type === 'LoadBalancer' ||
  (spec.type === 'ClusterIP' && listAt(spec, 'externalIPs').length > 0);

/** Makes a Service whole, before it is judged. */
export function prepareService(draft: Draft, old: ApiObject | null): void {
  const spec = draftAt(draft, 'spec');
  setDefault(spec, 'type', 'ClusterIP');
  if (old !== null) {
    keepGiven(spec, objectAt(old, 'spec'));
    dropUnused(spec, objectAt(old, 'spec'));
  }
  setDefault(spec, 'sessionAffinity', 'None');
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP')
    setDefault(draftAt(spec, 'sessionAffinityConfig', 'clientIP'), 'timeoutSeconds', 10_800);
  for (const port of draftsIn(spec, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    if (port.targetPort === undefined || port.targetPort === null || port.targetPort === 0 || port.targetPort === '')
      port.targetPort = port.port;
    if (port.nodePort === 0) delete port.nodePort;
  }
  if (needsClusterIp(spec)) setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  if (isExternal(spec)) setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (spec.type === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
  if (spec.healthCheckNodePort === 0) delete spec.healthCheckNodePort;
  prepareClusterIps(spec);
  prepareStatus(draft, spec);
}

/** The singular field and the list say the same. */
function prepareClusterIps(spec: Draft): void {
  if (spec.clusterIP === '') delete spec.clusterIP;
  if (Array.isArray(spec.clusterIPs) && spec.clusterIPs.length === 0) delete spec.clusterIPs;
  if (spec.clusterIP !== undefined) setDefault(spec, 'clusterIPs', [spec.clusterIP]);
  else if (Array.isArray(spec.clusterIPs)) spec.clusterIP = spec.clusterIPs[0];
}

/** The mode in which an ingress address is used is VIP where nobody said otherwise; a Service of another type has none. */
function prepareStatus(draft: Draft, spec: Draft): void {
  setDefault(draft, 'status', { loadBalancer: {} });
  const status = draftAt(draft, 'status');
  setDefault(status, 'loadBalancer', {});
  for (const ingress of draftsIn(status, 'loadBalancer', 'ingress'))
    if (textAt(ingress, 'ip') !== '') setDefault(ingress, 'ipMode', 'VIP');
  if (listAt(status, 'loadBalancer', 'ingress').length === 0) delete draftAt(status, 'loadBalancer').ingress;
  if (spec.type !== 'LoadBalancer') status.loadBalancer = {};
}

/** Left out is not taken away: addresses and ports that the server gave stay. */
function keepGiven(spec: Draft, old: Json): void {
  if (needsClusterIp(spec) && needsClusterIp(old)) {
    const named = textAt(spec, 'clusterIP') !== '' || listAt(spec, 'clusterIPs').length > 0;
    if (!named) {
      spec.clusterIP = old.clusterIP;
      spec.clusterIPs = old.clusterIPs;
    }
    // One of the two changed alone: the other follows.
    else if (textAt(spec, 'clusterIP') === '') spec.clusterIP = listAt(spec, 'clusterIPs')[0];
    for (const field of ['ipFamilies', 'ipFamilyPolicy'])
      if (spec[field] === undefined && old[field] !== undefined) spec[field] = old[field];
    // Back to one family: the second one goes where nobody said otherwise.
    if (spec.ipFamilyPolicy === 'SingleStack' && old.ipFamilyPolicy !== 'SingleStack')
      for (const field of ['ipFamilies', 'clusterIPs'])
        if (sameJson(spec[field], old[field])) spec[field] = listAt(spec, field).slice(0, 1);
  }
  if (needsNodePorts(spec) && needsNodePorts(old)) keepNodePorts(spec, old);
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(old) && !spec.healthCheckNodePort)
    spec.healthCheckNodePort = old.healthCheckNodePort;
}

function keepNodePorts(spec: Draft, old: Json): void {
  const portKey = (port: Json): string => `${String(port.protocol ?? 'TCP')}/${String(port.port)}`;
  const given = new Map(
    listAt(old, 'ports')
      .filter(isObject)
      .map((port) => [portKey(port), port.nodePort]),
  );
  const ports = draftsIn(spec, 'ports');
  const used = new Set(ports.map((port) => `${String(port.protocol ?? 'TCP')}/${String(port.nodePort)}`));
  for (const port of ports) {
    const nodePort = given.get(portKey(port));
    if (port.nodePort || nodePort === undefined || used.has(`${String(port.protocol ?? 'TCP')}/${String(nodePort)}`))
      continue;
    port.nodePort = nodePort;
  }
}

/** What only the former type used goes, if the client did not set it anew. */
function dropUnused(spec: Draft, old: Json): void {
  if (!needsClusterIp(spec) && needsClusterIp(old)) {
    const same = sameJson(spec.clusterIP, old.clusterIP) || spec.clusterIP === undefined;
    if (same) for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete spec[field];
    if (sameJson(spec.internalTrafficPolicy, old.internalTrafficPolicy)) delete spec.internalTrafficPolicy;
  }
  if (needsNodePorts(old) && !needsNodePorts(spec) && spec.type !== 'LoadBalancer') {
    const before = listAt(old, 'ports').filter(isObject);
    for (const port of draftsIn(spec, 'ports'))
      if (before.some((other) => other.nodePort === port.nodePort)) delete port.nodePort;
  }
  if (needsHealthCheckPort(old) && !needsHealthCheckPort(spec) && spec.healthCheckNodePort === old.healthCheckNodePort)
    delete spec.healthCheckNodePort;
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass'])
      if (sameJson(spec[field], old[field])) delete spec[field];
  }
  if (isExternal(old) && !isExternal(spec) && sameJson(spec.externalTrafficPolicy, old.externalTrafficPolicy))
    delete spec.externalTrafficPolicy;
}
