/** Everything that a plan is made from, understood: one cluster, or one set of folders, at one moment. */
import type { ServiceEndpoints } from '../cluster/endpoints.ts';
import type { Node } from '../cluster/node.ts';
import type { Service } from '../cluster/service.ts';
import type { Community } from '../config/community.ts';
import type { Config } from '../config/config.ts';
import type { NodeSelectorsPolicy } from '../config/peer.ts';
import type { Finding } from '../config/problem.ts';

export interface Snapshot {
  readonly config: Config;
  /** The Community objects; advertisements have their values already. */
  readonly communities?: readonly Community[];
  readonly services: readonly Service[];
  /** By Service key; a Service without an entry has no endpoints. */
  readonly endpoints: ReadonlyMap<string, ServiceEndpoints>;
  readonly nodes: readonly Node[];
  /** Labels by name of namespace; one that is not given has no labels. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** What was found while the snapshot was made: objects with an error are left out of everything above. */
  readonly findings: readonly Finding[];
}

/** The switches of the process that change decisions. */
export interface PlanOptions {
  /** For peers that have no `nodeSelectorsPolicy` of their own (docs/decisions.md 1). */
  readonly nodeSelectors: NodeSelectorsPolicy;
  /** `--lb-class`; null handles the Services without a class. */
  readonly lbClass: string | null;
  readonly ignoreExcludeLB: boolean;
  readonly namespace: string;
}

export const DEFAULT_PLAN_OPTIONS: PlanOptions = {
  nodeSelectors: 'All',
  lbClass: null,
  ignoreExcludeLB: false,
  namespace: 'metallb-system',
};
