/** The row of a Node (pkg/printers/internalversion, printNode). */
import { listAt, textAt, valueAt } from '../json.ts';
import type { ApiObject } from '../types.ts';
import { AGE, entry, layout, NAME, wide } from './columns.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';

const info = (field: string) => (node: ApiObject) => textAt(node, 'status', 'nodeInfo', field);
const orUnknown = (text: string): string => (text === '' ? '<unknown>' : text);

export const NODE = layout(
  NAME,
  entry('Status', statusText),
  entry('Roles', rolesText),
  AGE,
  entry('Version', info('kubeletVersion')),
  wide('Internal-IP', (node) => addressOf(node, 'InternalIP')),
  wide('External-IP', (node) => addressOf(node, 'ExternalIP')),
  wide('OS-Image', (node) => orUnknown(info('osImage')(node))),
  wide('Kernel-Version', (node) => {
    const architecture = info('architecture')(node);
    return `${orUnknown(info('kernelVersion')(node))}${architecture === '' ? '' : ` (${architecture})`}`;
  }),
  wide('Container-Runtime', (node) => orUnknown(info('containerRuntimeVersion')(node))),
);

function statusText(node: ApiObject): string {
  const ready = listAt(node, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Ready');
  const status = ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return valueAt(node, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
}

function rolesText(node: ApiObject): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return roles.size === 0 ? '<none>' : [...roles].sort().join(',');
}

function addressOf(node: ApiObject, type: string): string {
  const found = listAt(node, 'status', 'addresses').find((address) => textAt(address, 'type') === type);
  return textAt(found, 'address') || '<none>';
}
