/**
 * What lint finds in a configuration and its nodes that no object shows by itself, and of which docs/decisions.md demands that status says it:
 * node selectors that MetalLB reads otherwise (1), a local preference that an external peer never gets (6), peers that another one
 * supersedes (17), and names that nothing has.
 *
 * The rules are lint's own. Services play no part in these, so that a plan without any will do: its cost is nodes times peers.
 */
import type { Node } from '../cluster/node.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from '../config/problem.ts';
import { Objects } from '../lint/objects.ts';
import { findingOfRule, type LintRule } from '../lint/rule.ts';
import { localPrefOnEbgp } from '../lint/rules/local-pref-on-ebgp.ts';
import { nodeSelectorsAllAny } from '../lint/rules/node-selectors-all-any.ts';
import { supersededPeer } from '../lint/rules/superseded-peer.ts';
import { unknownPeer } from '../lint/rules/unknown-peer.ts';
import { unknownPool } from '../lint/rules/unknown-pool.ts';
import { plan } from '../plan/plan.ts';
import type { PlanOptions } from '../plan/snapshot.ts';

const RULES: readonly LintRule[] = [nodeSelectorsAllAny, localPrefOnEbgp, supersededPeer, unknownPool, unknownPeer];

const NO_OBJECTS = new Objects([]);

/** What the configuration comes to on these nodes. */
export interface PlanFindings {
  readonly findings: readonly Finding[];
  /** On how many nodes a peer holds a session, by its name. */
  readonly nodesOfPeer: ReadonlyMap<string, number>;
}

/** @param found - what was found in the objects themselves: who refers to an object that was left out is not to blame. */
export function planFindings(
  config: Config,
  nodes: readonly Node[],
  found: readonly Finding[],
  options: PlanOptions,
): PlanFindings {
  const whole = plan(
    { config, services: [], endpoints: new Map(), nodes, namespaces: new Map(), findings: found },
    options,
  );
  const nodesOfPeer = new Map<string, number>();
  for (const { peer } of whole.sessions) nodesOfPeer.set(peer, (nodesOfPeer.get(peer) ?? 0) + 1);
  const findings = RULES.flatMap((rule) => rule.check(whole, NO_OBJECTS).map((one) => findingOfRule(rule, one, whole)));
  return { findings, nodesOfPeer };
}
