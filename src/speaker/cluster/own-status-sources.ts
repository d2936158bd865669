/** A node's own status objects are followed: what somebody changes or removes is put right. */
import { statusOf } from '../../follow/objects.ts';
import { follow, type RunningSource, type SourceContext } from '../../follow/source.ts';
import { parseKey } from '../../kube/object-key.ts';
import { CONFIGURATION_STATE, SERVICE_BGP_STATUS, SPEAKER_STATUS } from '../../kube/resource-types.ts';
import type { ResourceType } from '../../kube/types.ts';
import { stateName } from '../../report/configuration-state.ts';
import { readServiceStatus, selectorOf } from './service-status-object.ts';
import type { ServiceStatuses } from './service-statuses.ts';
import type { StatusReporter } from './status-reporter.ts';

type Json = Readonly<Record<string, unknown>>;

/** Who is told of them. */
export interface StatusListeners {
  readonly reporter: Pick<StatusReporter, 'statusSeen' | 'stateSeen'>;
  /** Null: ServiceBGPStatuses are not followed. */
  readonly serviceStatuses: Pick<ServiceStatuses, 'seen'> | null;
}

export interface OwnStatuses {
  readonly sources: readonly RunningSource[];
  /** Resolves when all ServiceBGPStatuses of the node have been told of. */
  readonly read: Promise<void>;
}

/** Starts to follow them. */
export function followOwnStatuses(
  node: string,
  namespace: string,
  context: SourceContext,
  { reporter, serviceStatuses }: StatusListeners,
): OwnStatuses {
  const state = stateName({ type: 'speaker', node });
  const single = [
    followOne(SPEAKER_STATUS, { namespace, name: node }, context, (status) => reporter.statusSeen(status)),
    followOne(CONFIGURATION_STATE, { namespace, name: state }, context, (status) => reporter.stateSeen(status)),
  ];
  if (serviceStatuses === null) return { sources: single, read: Promise.resolve() };
  const { promise: read, resolve: synced } = Promise.withResolvers<void>();
  const many = follow(
    {
      type: SERVICE_BGP_STATUS,
      selection: { namespace, labelSelector: selectorOf(node) },
      read: readServiceStatus,
      changed: (changes) => {
        for (const change of changes) {
          const { name } = parseKey(change.key);
          serviceStatuses.seen(name, change.type === 'upsert' ? change.value : undefined);
        }
      },
      synced,
    },
    context,
  );
  return { sources: [...single, many], read };
}

/** Null is told where the object is not there. */
function followOne(
  type: ResourceType,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  context: SourceContext,
  seen: (status: Json | null) => void,
): RunningSource {
  let isThere = false;
  return follow<Json>(
    {
      type,
      selection: { namespace, fieldSelector: `metadata.name=${name}` },
      read: statusOf,
      changed: (changes) => {
        for (const change of changes) {
          isThere = change.type === 'upsert';
          seen(change.type === 'upsert' ? change.value : null);
        }
      },
      synced: () => {
        if (!isThere) seen(null);
      },
    },
    context,
  );
}
