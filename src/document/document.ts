/**
 * The guide's practice 5 as Markdown: AS numbers, addresses, communities, peering, preferences, procedures of one configuration.
 *
 * The same objects give the same text, in an order that does not depend on theirs, without date or host, so that it can be kept in Git and a
 * difference is a change of the network. Pure.
 */
import type { Plan } from '../plan/plan.ts';
import { addresses, asNumbers } from './addresses.ts';
import { communities } from './communities.ts';
import { namesOf } from './markdown.ts';
import { pathPreferences } from './paths.ts';
import { peering } from './peering.ts';
import { procedures } from './procedures.ts';

/** The whole document. */
export function documentOf(plan: Plan): string {
  const lost = plan.snapshot.findings.filter(({ severity }) => severity === 'error');
  const names = [
    ...new Set(lost.map(({ object }) => (object === null ? 'the input' : `${object.kind} ${object.name}`))),
  ];
  const head = [
    '# BGP of the cluster\n',
    'Made by `metallb document` from the manifests: change those, and make it anew.\n',
    ...(names.length === 0
      ? []
      : [
          `> **Not complete**: ${namesOf(names)} ${names.length === 1 ? 'has' : 'have'} errors, and what they say is missing here.\n`,
        ]),
  ];
  const sections = [
    asNumbers(plan),
    addresses(plan),
    communities(plan),
    peering(plan),
    pathPreferences(plan),
    procedures(plan),
  ];
  return [...head, ...sections.filter((section) => section !== '')].join('\n');
}
