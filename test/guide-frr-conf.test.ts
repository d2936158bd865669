/** The frr.conf of the lab is the guide's, word for word. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dc2FrrConf, guideFrrConf, NODES } from '../lab/guide.ts';

const GUIDE = join(import.meta.dirname, '../../shared/guide.md');
const obstacle = existsSync(GUIDE) ? '' : ' [skipped: the guide is not beside the checkout]';

describe("the lab's frr.conf", () => {
  it.skipIf(obstacle !== '')(`equals the block that the guide prints${obstacle}`, () => {
    const blocks = readFileSync(GUIDE, 'utf8').matchAll(/^```bash\n(.*?)^```$/gms);
    const printed = [...blocks].map(([, text]) => text).filter((text) => text?.startsWith('# /etc/frr/frr.conf\n'));
    expect(printed).toEqual([guideFrrConf()]);
  });

  it('differs in data center 2 by the router ID and the multihop lines alone', () => {
    const before = guideFrrConf().split('\n');
    const after = dc2FrrConf('192.168.2.1').split('\n');
    expect(after.filter((line) => !before.includes(line))).toEqual([
      '  bgp router-id 192.168.2.1',
      ...NODES.map(({ address }) => `  neighbor ${address} ebgp-multihop 2`),
    ]);
    expect(before.filter((line) => !after.includes(line))).toEqual(['  bgp router-id 192.168.1.1']);
  });
});
