/** The row of a Service (pkg/printers/internalversion, printService). */
import { listAt, textAt, valueAt } from '../json.ts';
import type { ApiObject } from '../types.ts';
import { AGE, count, entry, labelsText, layout, NAME, wide } from './columns.ts';

export const SERVICE = layout(
  NAME,
  entry('Type', (service) => textAt(service, 'spec', 'type')),
  entry('Cluster-IP', (service) => String(listAt(service, 'spec', 'clusterIPs')[0] ?? '<none>')),
  entry('External-IP', externalIp),
  entry('Port(s)', (service) => listAt(service, 'spec', 'ports').map(portText).join(',') || '<none>'),
  AGE,
  wide('Selector', (service) => labelsText(valueAt(service, 'spec', 'selector'))),
);

function externalIp(service: ApiObject): string {
  const external = listAt(service, 'spec', 'externalIPs').map(String);
  switch (textAt(service, 'spec', 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return external.length === 0 ? '<none>' : external.join(',');
    case 'LoadBalancer': {
      const given = listAt(service, 'status', 'loadBalancer', 'ingress')
        .map((ingress) => textAt(ingress, 'ip') || textAt(ingress, 'hostname'))
        .filter((text) => text !== '');
      // A set, in the order of its texts.
      const all = [...[...new Set(given)].sort(), ...external];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    case 'ExternalName':
      return textAt(service, 'spec', 'externalName');
    default:
      return '<unknown>';
  }
}

function portText(port: unknown): string {
  const nodePort = count(valueAt(port, 'nodePort'));
  return `${count(valueAt(port, 'port'))}${nodePort > 0 ? `:${nodePort}` : ''}/${textAt(port, 'protocol')}`;
}
