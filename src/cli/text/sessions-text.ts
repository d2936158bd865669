/** The sessions of a plan, for a reader: nodes that have the same ones together. */
import type { SessionRow } from '../../plan/row.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { counted, shortList, tableOf } from './table.ts';

const MAX_GROUPS = 30;

export function sessionsText(sessions: readonly SessionRow[], style: Style): string {
  const heading = style('bold', 'Sessions');
  if (sessions.length === 0) return `${heading}  none\n`;
  const byNode = Map.groupBy(sessions, ({ node }) => node);
  const groups = [...Map.groupBy(byNode, ([, rows]) => rows.map(({ peer }) => peer).join('\n')).values()];
  const text = groups.slice(0, MAX_GROUPS).map((nodes) => {
    const names = nodes.map(([node]) => node);
    const rows = nodes[0]?.[1] ?? [];
    return `  ${style('cyan', printable(shortList(names)))}\n${tableOf(HEADING, rows.map(cellsOf), style, '    ')}`;
  });
  const cut = groups.length - text.length;
  return (
    `${heading}  ${sessions.length} on ${counted(byNode.size, 'node')}\n` +
    text.join('') +
    (cut > 0 ? `  … and ${cut} more groups of nodes (-o json has all)\n` : '')
  );
}

const HEADING = ['PEER', 'ADDRESS', 'OUR AS', 'THEIR AS', 'TYPE', 'HOLD', 'MD5', 'BFD PROFILE', 'VRF'];

const cellsOf = (row: SessionRow): readonly string[] => [
  row.peer,
  row.peerAddress === null ? (row.interface ?? '') : addressOf(row.peerAddress, row.peerPort),
  String(row.myASN),
  row.peerASN === null ? row.type : String(row.peerASN),
  row.type === 'external' ? 'eBGP' : 'iBGP',
  `${row.holdTimeSeconds}s/${row.keepaliveSeconds}s`,
  row.authentication === 'md5' ? 'yes' : 'no',
  row.bfdProfile ?? '-',
  row.vrf ?? '-',
];

const addressOf = (address: string, port: number): string => {
  if (port === 179) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
};
