/** A difference between two plans for a reader: what is interrupted first, then what changes. What happens on several nodes is said once. */
import type { AddressChange, Layer2Change, PlanDiff, RouteChange, SessionChange } from '../../plan/diff.ts';
import { fieldText, type Interruption } from '../../plan/interruptions.ts';
import type { Diagnostic } from '../load.ts';
import { diagnosticsText } from './diagnostics.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { counted, shortList, tableOf } from './table.ts';

const MAX_ROWS = 60;

/** @param diagnostics - of the second input. */
export function diffText(
  diff: PlanDiff,
  interruptions: readonly Interruption[],
  diagnostics: readonly Diagnostic[],
  style: Style,
): string {
  const routes = collectRoutes(diff.routes());
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const changes = [
    addressesText(diff.addresses, style),
    sessionsText(diff.sessions, style),
    routesText(routes, style),
    layer2Text(diff.layer2, style),
  ].filter((text) => text !== '');
  const sections = [
    interruptionsText(interruptions, style),
    ...(changes.length > 0 ? changes : [`${style('bold', 'Nothing changes')}  no address, no session, no route\n`]),
    ...(errors.length === 0
      ? []
      : [`${style('bold', 'Errors of the second input')}\n${diagnosticsText(errors, style, '  ')}`]),
  ];
  return `${sections.join('\n')}\n${summaryText(diff, routes, interruptions, errors)}\n`;
}

function interruptionsText(interruptions: readonly Interruption[], style: Style): string {
  const heading = style('bold', 'What is interrupted');
  if (interruptions.length === 0) return `${heading}  nothing\n`;
  const lines = interruptions.slice(0, MAX_ROWS).map(({ kind, subject, nodes, message }) => {
    const on = nodes.length === 0 ? '' : ` on ${shortList(nodes)}`;
    return `  ${style('yellow', kind)}  ${printable(`${subject}${on}: ${message}`)}\n`;
  });
  return `${heading}\n${lines.join('')}${more(interruptions.length - lines.length)}`;
}

function addressesText(changes: readonly AddressChange[], style: Style): string {
  if (changes.length === 0) return '';
  const rows = changes
    .slice(0, MAX_ROWS)
    .map(({ namespace, name, change, before, after }) => [
      `${namespace}/${name}`,
      change,
      `${placeText(before)} -> ${placeText(after)}`,
    ]);
  return `${style('bold', 'Addresses')}\n${tableOf(['SERVICE', 'CHANGE', ''], rows, style)}${more(changes.length - rows.length)}`;
}

function placeText(state: AddressChange['before']): string {
  if (state === null) return '(no Service)';
  return state.ips.length === 0 ? `(${state.state})` : `${state.ips.join(', ')} of ${state.pool}`;
}

function sessionsText(changes: readonly SessionChange[], style: Style): string {
  if (changes.length === 0) return '';
  const groups = [
    ...Map.groupBy(changes, ({ peer, change, fields }) => JSON.stringify([peer, change, fields])).values(),
  ];
  const rows = groups.slice(0, MAX_ROWS).map((group) => {
    const { peer = '', change = '', fields = [] } = group[0] ?? {};
    return [peer, change, fields.map(fieldText).join(', ') || '-', shortList(group.map(({ node }) => node))];
  });
  return `${style('bold', 'Sessions')}\n${tableOf(['PEER', 'CHANGE', 'FIELDS', 'NODES'], rows, style)}${more(groups.length - rows.length)}`;
}

interface RouteGroup {
  readonly change: RouteChange;
  readonly nodes: string[];
}

interface CollectedChanges {
  readonly groups: ReadonlyMap<string, RouteGroup>;
  readonly counts: Readonly<Record<RouteChange['change'], number>>;
}

/** Reads all changes once, and keeps those together that differ by their node alone. */
function collectRoutes(changes: Iterable<RouteChange>): CollectedChanges {
  const groups = new Map<string, RouteGroup>();
  const counts = { announced: 0, withdrawn: 0, changed: 0 };
  for (const change of changes) {
    counts[change.change]++;
    const key = JSON.stringify([change.prefix, change.peer, change.change, change.fields]);
    const same = groups.get(key);
    if (same === undefined) groups.set(key, { change, nodes: [change.node] });
    else same.nodes.push(change.node);
  }
  return { groups, counts };
}

const MARKS = { announced: '+', withdrawn: '-', changed: '~' } as const;

function routesText({ groups, counts }: CollectedChanges, style: Style): string {
  if (groups.size === 0) return '';
  const rows = [...groups.values()]
    .slice(0, MAX_ROWS)
    .map(({ change: { change, prefix, peer, fields }, nodes }) => [
      `${MARKS[change]} ${prefix}`,
      peer,
      fields.map(fieldText).join(', ') || change,
      shortList(nodes),
    ]);
  return (
    `${style('bold', 'Routes')}  ${countsText(counts)}\n` +
    tableOf(['PREFIX', 'PEER', 'CHANGE', 'NODES'], rows, style) +
    more(groups.size - rows.length)
  );
}

const countsText = ({ announced, withdrawn, changed }: CollectedChanges['counts']): string =>
  `${announced} announced, ${withdrawn} withdrawn, ${changed} changed (node, peer and prefix)`;

function layer2Text(changes: readonly Layer2Change[], style: Style): string {
  if (changes.length === 0) return '';
  const answers = (rows: Layer2Change['before']): string =>
    rows
      .map(({ node, interfaces }) => `${node}${interfaces === null ? '' : ` (${interfaces.join(', ')})`}`)
      .join(', ') || 'nobody';
  const rows = changes
    .slice(0, MAX_ROWS)
    .map(({ ip, before, after, services }) => [ip, `${answers(before)} -> ${answers(after)}`, shortList(services)]);
  return `${style('bold', 'Layer 2')}\n${tableOf(['ADDRESS', 'WHO ANSWERS', 'SERVICES'], rows, style)}${more(changes.length - rows.length)}`;
}

function summaryText(
  diff: PlanDiff,
  { counts }: CollectedChanges,
  interruptions: readonly Interruption[],
  errors: readonly Diagnostic[],
): string {
  const resets = diff.sessions.filter(({ change }) => change === 'reset').length;
  return [
    counted(interruptions.length, 'interruption'),
    counted(diff.addresses.length, 'address change'),
    `${counted(diff.sessions.length, 'session change')} (${resets} reset)`,
    `${counts.announced + counts.withdrawn + counts.changed} route changes`,
    `${counted(errors.length, 'error')} in the second input`,
  ].join('; ');
}

const more = (count: number): string => (count > 0 ? `  … and ${count} more (-o json has all)\n` : '');
