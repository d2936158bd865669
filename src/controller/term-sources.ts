/** What a controller follows while it leads: Services, the speakers' Pods, and the objects in which statuses are told. */
import { statusOf } from '../follow/objects.ts';
import { follow, type RunningSource, type SourceChange, type SourceContext } from '../follow/source.ts';
import { CONFIGURATION_STATE, POD, SERVICE, SPEAKER_STATUS } from '../kube/resource-types.ts';
import type { ResourceType } from '../kube/types.ts';
import { readSeenService, type SeenService } from './objects.ts';
import { readEstablished, readPod, type SeenPod } from './speakers.ts';
import { originOf, STATUS_KINDS, type StatusOrigin } from './status-cleaner.ts';

/** A status object, as far as anything of it matters here. */
export interface SeenStatus {
  readonly origin: StatusOrigin | null;
  /** Of a SpeakerStatus. */
  readonly established: readonly string[];
  /** Of a ConfigurationState. */
  readonly status: Readonly<Record<string, unknown>> | null;
}

export interface TermSourcesListener {
  servicesChanged(changes: readonly SourceChange<SeenService>[]): void;
  podsChanged(changes: readonly SourceChange<SeenPod>[]): void;
  statusesChanged(type: ResourceType, changes: readonly SourceChange<SeenStatus>[]): void;
  /** One of them has handed over everything that there is. */
  synced(): void;
}

/** Begins to follow them; `namespace` is the one of metallb-ts. */
export function startTermSources(
  namespace: string,
  listener: TermSourcesListener,
  context: SourceContext,
): readonly RunningSource[] {
  const own = { namespace };
  const synced = (): void => listener.synced();
  const services = follow(
    {
      type: SERVICE,
      selection: { namespace: '', fieldSelector: 'spec.type=LoadBalancer' },
      keep: ({ spec }) => (spec as { readonly type?: unknown } | undefined)?.type === 'LoadBalancer',
      read: readSeenService,
      changed: (changes) => listener.servicesChanged(changes),
      synced,
    },
    context,
  );
  const pods = follow(
    { type: POD, selection: own, read: readPod, changed: (changes) => listener.podsChanged(changes), synced },
    context,
  );
  const statuses = STATUS_KINDS.map((type) =>
    follow(
      {
        type,
        selection: own,
        read: (object): SeenStatus => ({
          origin: originOf(object),
          established: type === SPEAKER_STATUS ? readEstablished(object) : [],
          status: type === CONFIGURATION_STATE ? statusOf(object) : null,
        }),
        changed: (changes) => listener.statusesChanged(type, changes),
        synced,
      },
      context,
    ),
  );
  return [services, pods, ...statuses];
}
