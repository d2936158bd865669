/** The frr.conf of the lab is the guide's, word for word. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clusterFrrConf } from '../lab/cluster/outside.ts';
import { dc2FrrConf, FOLDERS, guideFrrConf, NODES, ROUTERS } from '../lab/guide.ts';
import { metallb } from './cli/fake-io.ts';

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

  it.each(ROUTERS)(
    'has the BFD of the manifests on the cluster, for $address behind the unchanged text',
    async ({ address, dataCenter }) => {
      const without =
        dataCenter === 2 ? dc2FrrConf(address) : guideFrrConf().replace(/router-id \S+/, `router-id ${address}`);
      const whole = clusterFrrConf({ address, dataCenter });
      expect(whole.startsWith(`${without}\n! Supplied by the lab, not by the guide`)).toBe(true);
      const folder = mkdtempSync(join(tmpdir(), 'metallb-frr-conf-'));
      const bfdFindings = async (text: string): Promise<readonly string[]> => {
        const file = join(folder, 'frr.conf');
        writeFileSync(file, text);
        const args = ['--vendor', 'frr', '--router', address, '--check', file, '-o', 'json'];
        const { stdout } = await metallb(['router-config', ...args, ...FOLDERS]);
        const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly { readonly rule: string }[] };
        return diagnostics.map(({ rule }) => rule).filter((rule) => rule.includes('bfd'));
      };
      try {
        expect(await bfdFindings(without)).toEqual(['router-bfd-missing']);
        expect(await bfdFindings(whole)).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
