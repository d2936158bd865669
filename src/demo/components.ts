/** Which Pods are ours, as deploy/metallb-ts.yaml labels them. */
import { listAt } from '../apiserver/json.ts';
import type { ApiObject } from '../apiserver/types.ts';

export const METALLB_SYSTEM = 'metallb-system';

export type Component = 'controller' | 'speaker';

/** The component that a Pod is of; undefined for any other Pod. */
export function componentOf({ metadata }: ApiObject): Component | undefined {
  const { app, component } = metadata.labels ?? {};
  const ours = metadata.namespace === METALLB_SYSTEM && app === 'metallb';
  return ours && (component === 'controller' || component === 'speaker') ? component : undefined;
}

/** The arguments that its template gives a Pod's container. */
export const argsOf = (pod: ApiObject): readonly string[] =>
  listAt(listAt(pod, 'spec', 'containers')[0], 'args').filter((arg) => typeof arg === 'string');
