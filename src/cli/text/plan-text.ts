/**
 * A plan for a reader: services, sessions, routes, who answers ARP and NDP, what is not announced, findings, one line that sums up.
 *
 * What is alike is said once: nodes with the same sessions, prefixes that go to the same peers from the same nodes with the same
 * attributes. Long lists are cut short and counted; every row is in `-o json`.
 */
import { compareText } from '../../compare-text.ts';
import type { Plan } from '../../plan/plan.ts';
import type { ServiceRow } from '../../plan/row.ts';
import type { Diagnostic } from '../load.ts';
import type { RowCounts } from '../plan-json.ts';
import type { StreamWriter } from '../stream-writer.ts';
import { diagnosticsText, tallyText } from './diagnostics.ts';
import { layer2Text } from './layer2-text.ts';
import { printable } from './printable.ts';
import { RefusalCollector, refusalsText } from './refusals-text.ts';
import { RouteCollector, routesText } from './routes-text.ts';
import { sessionsText } from './sessions-text.ts';
import type { Style } from './style.ts';
import { counted, tableOf } from './table.ts';

const MAX_SERVICES = 60;
const MAX_DIAGNOSTICS = 60;

/** Makes the writer of the text form. */
export const writePlanText =
  (style: Style) =>
  async (writer: StreamWriter, plan: Plan, diagnostics: readonly Diagnostic[]): Promise<RowCounts> => {
    const layer2 = [...plan.layer2Rows()];
    const routes = new RouteCollector();
    const refusals = new RefusalCollector(new Set(layer2.flatMap(({ services }) => services)));
    // Each node is worked out once, for its routes and its refusals alike.
    for (const nodePlan of plan.nodePlans()) {
      routes.add(nodePlan);
      for (const refusal of nodePlan.notAnnounced) refusals.add(nodePlan.node, 'bgp', refusal);
      for (const refusal of plan.layer2.refusalsOn(nodePlan.node)) refusals.add(nodePlan.node, 'layer2', refusal);
    }
    const sections = [
      servicesText(plan.services, style),
      sessionsText(plan.sessions, style),
      routesText(routes, style),
      layer2Text(layer2, style),
      refusalsText(refusals, style),
      findingsText(diagnostics, style),
      summaryText(plan, routes.rows, diagnostics, style),
    ];
    for (const section of sections.filter((text) => text !== '')) {
      writer.write(`${section}\n`);
      await writer.flush();
    }
    return {
      services: plan.services.length,
      sessions: plan.sessions.length,
      bgp: routes.rows,
      layer2: layer2.length,
      notAnnounced: refusals.rows,
      diagnostics: diagnostics.length,
    };
  };

function servicesText(services: readonly ServiceRow[], style: Style): string {
  const ours = services.filter(({ state }) => state !== 'Ignored');
  const ignored = services.length - ours.length;
  const heading = style('bold', 'Services');
  if (ours.length === 0)
    return `${heading}  no Service of type LoadBalancer${ignored > 0 ? `, ${ignored} others` : ''}\n`;
  // Those that wait come first: they are what one looks for.
  const shown = [...ours].sort((a, b) => Number(a.state === 'Assigned') - Number(b.state === 'Assigned'));
  const rows = shown
    .slice(0, MAX_SERVICES)
    .map(({ namespace, name, state, ips, pool, message }) => [
      `${namespace}/${name}`,
      state,
      ips.join(', ') || '-',
      pool ?? '-',
      message ?? '',
    ]);
  return (
    `${heading}  ${stateCounts(services)}\n` +
    tableOf(['NAME', 'STATE', 'ADDRESSES', 'POOL', ''], rows, style) +
    more(ours.length - rows.length)
  );
}

function stateCounts(services: readonly ServiceRow[]): string {
  const count = (wanted: ServiceRow['state']): number => services.filter(({ state }) => state === wanted).length;
  return (['Assigned', 'Pending', 'Ignored'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state.toLowerCase()}`)
    .join(', ');
}

function findingsText(diagnostics: readonly Diagnostic[], style: Style): string {
  if (diagnostics.length === 0) return '';
  const rank = { error: 0, warning: 1, info: 2 };
  const shown = [...diagnostics]
    .sort((a, b) => rank[a.severity] - rank[b.severity] || compareText(a.rule, b.rule))
    .slice(0, MAX_DIAGNOSTICS);
  return (
    `${style('bold', 'Findings')}  ${tallyText(diagnostics, style)}\n` +
    diagnosticsText(shown, style, '  ') +
    more(diagnostics.length - shown.length)
  );
}

function summaryText(plan: Plan, routes: number, diagnostics: readonly Diagnostic[], style: Style): string {
  const states = plan.services.length === 0 ? 'no Services' : `Services: ${stateCounts(plan.services)}`;
  const network =
    plan.views.length === 0
      ? 'no Nodes given, so nothing is announced'
      : `${counted(plan.views.length, 'node')}, ${counted(plan.sessions.length, 'session')}, ${counted(routes, 'route')}`;
  return `${printable(states)}; ${network}; ${tallyText(diagnostics, style)}`;
}

const more = (count: number): string => (count > 0 ? `  … and ${count} more (-o json has all)\n` : '');
