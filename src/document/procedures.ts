/** What happens when something fails, and what people do when something is to be taken out of service. */
import { EXCLUDE_LABEL } from '../announce/eligibility.ts';
import { compareText } from '../compare-text.ts';
import type { Plan } from '../plan/plan.ts';
import { escaped, sectionOf, tableOf } from './markdown.ts';
import { pathsTo, without } from './paths.ts';
import { failoverOf, routerText } from './peering.ts';

/** Fail-over procedures, with the routers and times of this configuration. */
export function procedures(plan: Plan): string {
  const { peers } = plan.snapshot.config;
  if (peers.length === 0) return '';
  return sectionOf(
    'Fail-over procedures',
    nodeFails(plan),
    routerFails(plan),
    takeNodeOut(plan),
    takeRouterOut(),
    rehearse(),
  );
}

function nodeFails(plan: Plan): string {
  const rows = plan.snapshot.config.peers.map((peer) => [
    `${escaped(peer.name)} (${routerText(peer)})`,
    failoverOf(peer, plan),
  ]);
  return `### A node fails

Nobody has to act. Each router goes on with the other nodes as soon as it notices; until then it sends a part of the connections into the void. A speaker that
ends in order, and a link that goes down at the router, are noticed at once.

${tableOf(['router', 'notices a node that is silent'], rows)}`;
}

function routerFails(plan: Plan): string {
  const pools = [...plan.snapshot.config.pools].sort((a, b) => compareText(a.name, b.name));
  const routers = [...new Set(plan.snapshot.config.peers.map(routerText))].sort(compareText);
  const rows = routers.flatMap((router) =>
    pools.flatMap((pool) => {
      const paths = pathsTo(pool, plan);
      if (!paths.some(({ peer }) => routerText(peer) === router)) return [];
      const left = [
        ...new Set(without(paths, router).map(({ peer }) => `${escaped(peer.name)} (${routerText(peer)})`)),
      ];
      return [
        [router, escaped(pool.name), left.length === 0 ? '**nothing: the pool is not reached**' : left.join(', ')],
      ];
    }),
  );
  return `### A router fails

Nobody has to act where another path is left. When the router comes back, its paths are preferred again as before.

${tableOf(['without', 'pool', 'traffic goes through'], rows)}`;
}

function takeNodeOut({ options }: Plan): string {
  const withdraw = options.ignoreExcludeLB
    ? '1. End the speaker of the node: it withdraws its routes in order.'
    : `1. \`kubectl label node NODE ${EXCLUDE_LABEL}=true\`: the node withdraws its routes, and the sessions stay.`;
  return `### Taking a node out of service

${withdraw}
2. Wait until no router has the node as a next hop (\`show bgp ipv4 unicast\`, \`show ip bgp\`).
3. Do the work.
4. Undo step 1, and wait until the node is a next hop again.`;
}

function takeRouterOut(): string {
  return `### Taking a router out of service

1. Look above which path is left, and that its sessions are Established.
2. Shut the sessions down on the router (\`neighbor … shutdown\`): the speakers are told, and traffic takes the other path at once.
3. Do the work.
4. Enable the sessions again, and compare: \`metallb router-config --vendor … --check RUNNING-CONFIG\`.`;
}

const rehearse = (): string => `### Rehearsing

From time to time take out one node and one router as above while a client asks a Service again and again, and compare what is lost with the times above.
\`metallb plan --diff BEFORE AFTER\` says beforehand what a change of the manifests would withdraw.`;
