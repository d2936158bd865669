/** Who answers ARP and NDP, for a reader. */
import type { Layer2Row } from '../../plan/row.ts';
import type { Style } from './style.ts';
import { counted, shortList, tableOf } from './table.ts';

const MAX_ROWS = 60;

export function layer2Text(rows: readonly Layer2Row[], style: Style): string {
  if (rows.length === 0) return '';
  const shown = rows
    .slice(0, MAX_ROWS)
    .map(({ ip, node, interfaces, services, advertisements }) => [
      ip,
      node,
      interfaces === null ? 'all' : interfaces.join(', '),
      shortList(services),
      shortList(advertisements),
    ]);
  const cut = rows.length - shown.length;
  return (
    `${style('bold', 'Layer 2')}  ${counted(rows.length, 'address', 'addresses')}, and who would answer ARP and NDP (no speaker of this version does)\n` +
    tableOf(['ADDRESS', 'NODE', 'INTERFACES', 'SERVICES', 'ADVERTISEMENTS'], shown, style) +
    (cut > 0 ? `  … and ${counted(cut, 'address', 'addresses')} more (-o json has all)\n` : '')
  );
}
