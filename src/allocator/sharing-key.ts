/**
 * Whether two Services may share one address (annotation `allow-shared-ip`).
 *
 * Both must carry the same, non-empty key, send their traffic to the same backends as far as the address decides it (with
 * externalTrafficPolicy Local the nodes that announce follow the endpoints, so the selector must be the same; with Cluster every node
 * serves every Service), and have no port in common.
 */
import type { Service } from '../cluster/service.ts';
import { compactList } from '../compact-list.ts';
import { compareText } from '../compare-text.ts';
import { annotationOf } from './annotation.ts';

/** One Service as a user of an address. */
export interface Tenant {
  /** `namespace/name`. */
  readonly service: string;
  /** Equal for two Services that may share; null shares with nobody. */
  readonly sharingKey: string | null;
  /** `TCP/80`, ascending, each once. */
  readonly ports: readonly string[];
}

export function tenantOf(service: Service): Tenant {
  const key = annotationOf(service, 'allow-shared-ip');
  return {
    service: service.key,
    sharingKey: key === null ? null : JSON.stringify([key, backendOf(service)]),
    ports: portTexts(service.ports),
  };
}

/** Services share the lists of their ports where these are alike, and so their texts. */
const PORT_TEXTS = new WeakMap<Service['ports'], readonly string[]>();

function portTexts(ports: Service['ports']): readonly string[] {
  let texts = PORT_TEXTS.get(ports);
  if (texts === undefined) {
    texts = compactList([...new Set(ports.map(({ protocol, port }) => `${protocol}/${port}`))].sort(compareText));
    PORT_TEXTS.set(ports, texts);
  }
  return texts;
}

function backendOf(service: Service): string {
  if (service.externalTrafficPolicy !== 'Local') return '';
  return Object.keys(service.selector)
    .sort(compareText)
    .map((key) => `${key}=${service.selector[key]}`)
    .join(',');
}
