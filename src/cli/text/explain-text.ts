/**
 * An explanation for a reader: each rule in a line that says how it came out, and below it the field that it was read from.
 *
 * Nodes for which the same is to be said are said once.
 */
import type { NodeExplanation, PeerExplanation } from '../../explain/bgp.ts';
import type { Explanation } from '../../explain/explain.ts';
import type { Step, StepOutcome } from '../../explain/step.ts';
import { type Place, placed } from '../explain-json.ts';
import { printable } from './printable.ts';
import { attributesOf } from './routes-text.ts';
import type { Style } from './style.ts';
import { shortList } from './table.ts';

const MARKS: Readonly<Record<StepOutcome, string>> = { yes: '+', no: '-', note: '.' };
const FORMATS = { yes: 'green', no: 'red', note: 'dim' } as const;

export function explanationText(explanation: Explanation, place: Place, style: Style): string {
  const { namespace, name, address, advertisements, nodes } = explanation;
  const lines = (steps: readonly Step[], indent: string, sharers = 1): string =>
    steps.map((step) => stepText(step, indent, sharers, place, style)).join('');
  const result = address.ips.length > 0 ? `${address.ips.join(', ')} of pool ${address.pool}` : 'no address';
  const sections = [
    `${style('bold', `Service ${printable(`${namespace}/${name}`)}`)}  ${address.state}, ${printable(result)}\n`,
    `${style('bold', address.ips.length > 0 ? 'Why this address' : 'Why no address')}\n${lines(address.steps, '  ')}`,
  ];
  if (advertisements.length > 0)
    sections.push(
      `${style('bold', 'Advertisements')}\n` +
        advertisements
          .map(
            (one) =>
              `  ${style('cyan', printable(`${one.kind} ${one.name}`))}: ${one.applies ? 'applies' : 'does not apply'}\n` +
              lines(one.steps, '    '),
          )
          .join(''),
    );
  for (const group of groupsOf(nodes)) sections.push(nodeText(group, lines, style));
  if (nodes.length === 0) sections.push(`${nothingText(explanation)}\n`);
  return sections.join('\n');
}

function nothingText({ address, advertisements }: Explanation): string {
  if (address.ips.length === 0) return 'Without an address there is nothing to announce.';
  const nobody = advertisements.every(({ applies }) => !applies);
  return nobody ? 'No advertisement is for its pool: nobody announces it.' : 'No Node is given: nobody announces it.';
}

type Lines = (steps: readonly Step[], indent: string, sharers?: number) => string;

function nodeText(group: readonly NodeExplanation[], lines: Lines, style: Style): string {
  const [first] = group;
  if (first === undefined) return '';
  const protocol = first.protocol === 'bgp' ? 'BGP' : 'Layer 2';
  const names = printable(
    shortList(
      group.map(({ node }) => node),
      8,
    ),
  );
  const verdict = first.announced
    ? first.protocol === 'bgp'
      ? 'announced'
      : 'answers'
    : `not announced: ${first.reason ?? 'nothing to tell a peer'}`;
  const partly = first.announced && first.message !== null ? ` (but ${printable(first.message)})` : '';
  return (
    `${style('bold', `${protocol} on ${names}`)}: ${verdict}${partly}\n` +
    lines(first.steps, '  ', group.length) +
    first.peers.map((peer) => peerText(peer, lines, style)).join('')
  );
}

function peerText(peer: PeerExplanation, lines: Lines, style: Style): string {
  const routes = peer.routes.map((route) => {
    const attributes = attributesOf(route);
    return attributes === '-' ? route.prefix : `${route.prefix} with ${attributes}`;
  });
  const told = routes.length > 0 ? routes.join('; ') : 'nothing';
  return `  ${style('cyan', printable(`to ${peer.peer}`))}: ${printable(told)}\n${lines(tellingOf(peer), '    ')}`;
}

/** Where one advertisement is for the peer, that the others are not is of no interest here; `-o json` has it. */
function tellingOf({ steps }: PeerExplanation): readonly Step[] {
  const reached = steps.some(({ rule, outcome }) => rule === 'advertisement-peers' && outcome === 'yes');
  return reached ? steps.filter(({ rule, outcome }) => rule !== 'advertisement-peers' || outcome === 'yes') : steps;
}

function stepText(step: Step, indent: string, sharers: number, place: Place, style: Style): string {
  const { object, path, file, line, column } = placed(step, place);
  const head = `${indent}${style(FORMATS[step.outcome], MARKS[step.outcome])} ${printable(step.message)}\n`;
  if (object === null) return head;
  // What stands in each of several Nodes has no one place.
  const each = object.kind === 'Node' && sharers > 1;
  const where = each
    ? 'each Node'
    : `${object.kind} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}`;
  const at = each || file === null ? '' : `  (${file}:${line}:${column})`;
  const field = path === '' ? '' : `, ${path}`;
  return `${head}${indent}    ${style('dim', printable(`${where}${field}${at}`))}\n`;
}

/** Nodes for which everything is alike but their names, in their order. */
function groupsOf(nodes: readonly NodeExplanation[]): readonly (readonly NodeExplanation[])[] {
  const signature = ({ node: _, message: __, steps, ...rest }: NodeExplanation): string =>
    JSON.stringify([rest, steps.map((step) => (step.object?.kind === 'Node' ? { ...step, object: null } : step))]);
  return [...Map.groupBy(nodes, signature).values()];
}
