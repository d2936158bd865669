/** What is refused of a Service, in Kubernetes' words (apis/core/validation/validation.go: ValidateService, ValidateServiceUpdate). */
import { parseIp } from '../../net/ip.ts';
import { parsePrefix } from '../../net/prefix.ts';
import { isObject, listAt, objectAt, sameJson, textAt, valueAt } from '../json.ts';
import { duplicate, type FieldError, forbiddenField, invalidValue, notSupported, required } from '../status.ts';
import type { ApiObject, Json } from '../types.ts';
import { labelValueProblem, nameProblem, qualifiedNameProblem } from './names.ts';
import { isHeadless, needsClusterIp, needsHealthCheckPort } from './service-defaults.ts';

const TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const POLICIES = ['Cluster', 'Local'];
const PORT_RANGE = 'must be between 1 and 65535, inclusive';
const NOT_AN_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

const isPort = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535;

export function validateService(object: ApiObject, old: ApiObject | null): readonly FieldError[] {
  const spec = objectAt(object, 'spec');
  return [
    ...validateTypes(spec),
    ...validatePorts(spec),
    ...validateSelector(spec),
    ...validateAddresses(spec),
    ...validateStatus(object, spec),
    ...(old === null ? [] : validateChange(spec, objectAt(old, 'spec'))),
  ];
}

function validateTypes(spec: Json): FieldError[] {
  const errors: FieldError[] = [];
  const oneOf = (field: string, values: readonly string[]): void => {
    if (spec[field] !== undefined && !values.includes(spec[field] as string))
      errors.push(notSupported(`spec.${field}`, spec[field], values));
  };
  oneOf('type', TYPES);
  oneOf('sessionAffinity', ['None', 'ClientIP']);
  oneOf('internalTrafficPolicy', POLICIES);
  oneOf('externalTrafficPolicy', POLICIES);
  oneOf('ipFamilyPolicy', ['SingleStack', 'PreferDualStack', 'RequireDualStack']);
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || listAt(spec, 'externalIPs').length > 0;
  if (!external && spec.externalTrafficPolicy !== undefined)
    errors.push(
      invalidValue(
        'spec.externalTrafficPolicy',
        spec.externalTrafficPolicy,
        'may only be set for externally-accessible services',
      ),
    );
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer')
    errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"));
  if (spec.loadBalancerClass !== undefined) {
    if (spec.type !== 'LoadBalancer')
      errors.push(forbiddenField('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"));
    const wrong = qualifiedNameProblem(textAt(spec, 'loadBalancerClass'));
    if (wrong !== undefined) errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass, wrong));
  }
  if (spec.healthCheckNodePort !== undefined && !needsHealthCheckPort(spec))
    errors.push(
      invalidValue(
        'spec.healthCheckNodePort',
        spec.healthCheckNodePort,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  if (spec.type === 'ExternalName') {
    const name = textAt(spec, 'externalName').replace(/\.$/, '');
    const wrong = nameProblem('subdomain', name);
    if (name === '') errors.push(required('spec.externalName'));
    else if (wrong !== undefined) errors.push(invalidValue('spec.externalName', spec.externalName, wrong));
  }
  const timeout = valueAt(spec, 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds');
  if (timeout !== undefined && !(Number.isInteger(timeout) && (timeout as number) > 0 && (timeout as number) <= 86_400))
    errors.push(
      invalidValue(
        'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
        timeout,
        'must be greater than 0 and less than 86400',
      ),
    );
  return errors;
}

function validatePorts(spec: Json): FieldError[] {
  const errors: FieldError[] = [];
  const ports = listAt(spec, 'ports');
  if (ports.length === 0 && spec.type !== 'ExternalName' && !isHeadless(spec)) errors.push(required('spec.ports'));
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  ports.forEach((port, index) => {
    const at = `spec.ports[${index}]`;
    if (!isObject(port)) {
      errors.push({ reason: 'FieldValueTypeInvalid', field: at, message: 'Invalid value: must be an object' });
      return;
    }
    const name = textAt(port, 'name');
    if (name === '' && ports.length > 1) errors.push(required(`${at}.name`));
    if (name !== '') {
      const wrong = nameProblem('label', name);
      if (wrong !== undefined) errors.push(invalidValue(`${at}.name`, name, wrong));
      else if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    if (!isPort(port.port)) errors.push(invalidValue(`${at}.port`, port.port, PORT_RANGE));
    if (!PROTOCOLS.includes(port.protocol as string))
      errors.push(notSupported(`${at}.protocol`, port.protocol, PROTOCOLS));
    if (typeof port.targetPort === 'number' && !isPort(port.targetPort))
      errors.push(invalidValue(`${at}.targetPort`, port.targetPort, PORT_RANGE));
    if (
      typeof port.targetPort === 'string' &&
      !/^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/.test(port.targetPort)
    )
      errors.push(
        invalidValue(
          `${at}.targetPort`,
          port.targetPort,
          'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-), at least one letter (a-z), and no more than 15 characters',
        ),
      );
    if (port.nodePort !== undefined && spec.type === 'ClusterIP')
      errors.push(forbiddenField(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    const number = `${String(port.protocol)}/${String(port.port)}`;
    if (numbers.has(number)) errors.push(duplicate(at, { port: port.port, protocol: port.protocol }));
    numbers.add(number);
    const nodePort = `${String(port.protocol)}/${String(port.nodePort)}`;
    if (port.nodePort !== undefined && nodePorts.has(nodePort)) errors.push(duplicate(`${at}.nodePort`, port.nodePort));
    nodePorts.add(nodePort);
  });
  return errors;
}

function validateSelector(spec: Json): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(objectAt(spec, 'selector'))) {
    const wrong = qualifiedNameProblem(key) ?? labelValueProblem(String(value));
    if (wrong !== undefined) errors.push(invalidValue('spec.selector', key, wrong));
  }
  return errors;
}

function validateAddresses(spec: Json): FieldError[] {
  const errors: FieldError[] = [];
  // One of the names is spelt otherwise in Kubernetes' refusals.
  const each = (field: string, said: string, check: (text: string) => string | undefined): void => {
    listAt(spec, field).forEach((value, index) => {
      const why = check(String(value));
      if (why !== undefined) errors.push(invalidValue(`spec.${said}[${index}]`, value, why));
    });
  };
  each('externalIPs', 'externalIPs', (text) => (parseIp(text).ok ? undefined : NOT_AN_IP));
  each('clusterIPs', 'clusterIPs', (text) => (text === 'None' || parseIp(text).ok ? undefined : NOT_AN_IP));
  each('ipFamilies', 'ipFamilies', (text) => (['IPv4', 'IPv6'].includes(text) ? undefined : 'must be IPv4 or IPv6'));
  each('loadBalancerSourceRanges', 'LoadBalancerSourceRanges', (text) =>
    text.includes('/') && parsePrefix(text.trim()).ok
      ? undefined
      : 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  );
  const ips = listAt(spec, 'clusterIPs');
  if (!needsClusterIp(spec) && ips.length > 0)
    errors.push(forbiddenField('spec.clusterIPs', 'may not be set for ExternalName services'));
  if (ips.length > 2) errors.push(invalidValue('spec.clusterIPs', ips, 'only one or two IPs are allowed'));
  if (ips[0] !== undefined && spec.clusterIP !== ips[0])
    errors.push(invalidValue('spec.clusterIPs', ips, 'first value must match `clusterIP`'));
  if (listAt(spec, 'loadBalancerSourceRanges').length > 0 && spec.type !== 'LoadBalancer')
    errors.push(forbiddenField('spec.loadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'"));
  return errors;
}

function validateStatus(object: ApiObject, spec: Json): FieldError[] {
  const errors: FieldError[] = [];
  const ingress = listAt(object, 'status', 'loadBalancer', 'ingress');
  const at = 'status.loadBalancer.ingress';
  if (ingress.length > 0 && spec.type !== 'LoadBalancer')
    errors.push(forbiddenField(at, 'may only be used when `spec.type` is LoadBalancer'));
  ingress.forEach((entry, index) => {
    const ip = textAt(entry, 'ip');
    const mode = valueAt(entry, 'ipMode');
    if (ip !== '' && !parseIp(ip).ok) errors.push(invalidValue(`${at}[${index}].ip`, ip, NOT_AN_IP));
    if (mode !== undefined && ip === '')
      errors.push(forbiddenField(`${at}[${index}].ipMode`, 'may not be specified when `ip` is not set'));
    if (mode !== undefined && mode !== 'VIP' && mode !== 'Proxy')
      errors.push(notSupported(`${at}[${index}].ipMode`, mode, ['VIP', 'Proxy']));
  });
  return errors;
}

function validateChange(spec: Json, old: Json): FieldError[] {
  const errors: FieldError[] = [];
  if (needsClusterIp(spec) && needsClusterIp(old) && listAt(old, 'clusterIPs').length > 0) {
    const [now, before] = [listAt(spec, 'clusterIPs')[0], listAt(old, 'clusterIPs')[0]];
    if (now !== before) errors.push(invalidValue('spec.clusterIPs[0]', now, 'may not change once set'));
    if (spec.ipFamilies !== undefined && listAt(spec, 'ipFamilies')[0] !== listAt(old, 'ipFamilies')[0])
      errors.push(invalidValue('spec.ipFamilies[0]', listAt(spec, 'ipFamilies')[0], 'may not change once set'));
  }
  if (
    old.type === 'LoadBalancer' &&
    spec.type === 'LoadBalancer' &&
    !sameJson(spec.loadBalancerClass, old.loadBalancerClass)
  )
    errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass ?? null, 'may not change once set'));
  return errors;
}
