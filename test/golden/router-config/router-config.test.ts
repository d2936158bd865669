/**
 * What `metallb router-config` writes for the guide's multi-router configuration and for a site with everything, in every vendor's language,
 * and what `--check` says of the guide's three router configurations: against reviewed expectations beside this file.
 *
 * After a change that is meant, `UPDATE_GOLDEN=1 npx vitest run --project unit test/golden/router-config` writes them anew; the difference is
 * then read line by line against the documentation of the vendor.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VENDORS } from '../../../src/router-config/vendors/index.ts';
import { metallb, type Outcome } from '../../cli/fake-io.ts';

const GUIDE = ['multi-router', 'test-service', 'cluster'].map((chapter) => `examples/guide/${chapter}`);
const SITE = 'test/golden/router-config/inputs/site.yaml';
const names = VENDORS.map(({ name }) => name);

/** Holds the output to the file of this name. */
function expectGolden(name: string, { status, stdout, stderr }: Outcome): void {
  const text = `${stdout}${stderr === '' ? '' : `--- standard error\n${stderr}`}--- exit status ${status}\n`;
  const golden = join(import.meta.dirname, name);
  if (process.env.UPDATE_GOLDEN) writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, 'utf8'));
}

describe.each(names)('%s', (vendor) => {
  it("has a configuration for each router of the guide's multi-router chapter", async () => {
    expectGolden(`multi-router.${vendor}.txt`, await metallb(['router-config', '--vendor', vendor, ...GUIDE]));
  });

  it('has all that a site may need', async () => {
    expectGolden(`site.${vendor}.txt`, await metallb(['router-config', '--vendor', vendor, SITE]));
  });

  it('takes neighbors from a range', async () => {
    const args = ['--listen-range', '192.168.1.0/24', '--max-neighbors', '40', '--router', '192.168.1.1'];
    const { status, stdout } = await metallb(['router-config', '--vendor', vendor, ...args, ...GUIDE]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\b192\.168\.1\.0\/24\b/);
    expect(stdout).not.toMatch(/\b192\.168\.1\.1[012]\b/);
  });
});

describe('--check', () => {
  it.each(['frr', 'ios-xe', 'vyos'])("finds in the guide's configuration for %s what is true of it", async (vendor) => {
    const args = ['--vendor', vendor, '--router', '192.168.1.1', '--check', `examples/routers/${vendor}.conf`];
    expectGolden(`check-guide.${vendor}.txt`, await metallb(['router-config', ...args, ...GUIDE]));
    const json = await metallb(['router-config', ...args, '-o', 'json', ...GUIDE]);
    expectGolden(`check-guide.${vendor}.json.txt`, json);
  });

  it("finds that the guide's prefix lists do not cover its own first pool", async () => {
    const inputs = ['ip-address-pools/ip-address-pool.yaml', 'bgp-peer', 'bgp-advertisement', 'cluster'];
    const paths = inputs.map((path) => `examples/guide/${path}`);
    const args = ['--vendor', 'frr', '--check', 'examples/routers/frr.conf'];
    expectGolden('check-guide-first-pool.frr.txt', await metallb(['router-config', ...args, ...paths]));
  });

  it('is SARIF for code scanning, with every rule and the commands', async () => {
    const args = ['--vendor', 'ios-xe', '--router', '192.168.1.1', '--check', 'examples/routers/ios-xe.conf'];
    const { status, stdout } = await metallb(['router-config', ...args, '-o', 'sarif', ...GUIDE]);
    const { runs } = JSON.parse(stdout) as {
      runs: {
        tool: { driver: { name: string; rules: { id: string }[] } };
        results: { ruleId: string; ruleIndex: number; message: { text: string } }[];
      }[];
    };
    expect([status, runs[0]?.tool.driver.name]).toEqual([1, 'metallb router-config']);
    const { driver } = runs[0]?.tool ?? {};
    for (const { ruleId, ruleIndex } of runs[0]?.results ?? []) expect(driver?.rules[ruleIndex]?.id).toBe(ruleId);
    expect(runs[0]?.results.map(({ message }) => message.text).join('\n')).toContain('maximum-paths 3');
  });
});

describe('what cannot be done', () => {
  const cases: readonly (readonly [args: readonly string[], says: string])[] = [
    [['--vendor', 'frr', '--router', '192.0.2.9', ...GUIDE], 'no BGPPeer has the address 192.0.2.9'],
    [
      ['--vendor', 'junos', '--check', 'examples/routers/frr.conf', ...GUIDE],
      '--check reads configurations of frr, ios-xe, vyos',
    ],
    [['--vendor', 'frr', '--check', 'nowhere.conf', ...GUIDE], 'nowhere.conf: there is no such file'],
    [['--vendor', 'frr', '-o', 'sarif', ...GUIDE], '-o sarif is for --check'],
    [['--vendor', 'frr', '--check', '-', '-'], 'standard input (-) is given twice'],
    [['--vendor', 'frr', '--router', 'router', ...GUIDE], 'is not an IP address'],
  ];

  it.each(cases)('%j is exit status 2', async (args, says) => {
    const { status, stdout, stderr } = await metallb(['router-config', ...args]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
  });

  it('is a part of what is asked for: an error in a peer leaves out everything', async () => {
    const stdin =
      'apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: { name: bad }\nspec: { myASN: 1, peerAddress: 192.0.2.1 }\n';
    const args = ['router-config', '--vendor', 'frr', '-', ...GUIDE];
    const text = await metallb(args, { stdin });
    expect([text.status, text.stdout]).toEqual([1, '']);
    expect(text.stderr).toContain('neither peerASN nor dynamicASN is set');
    const json = await metallb([...args, '-o', 'json'], { stdin });
    const { routers, diagnostics } = JSON.parse(json.stdout) as { routers: unknown[]; diagnostics: unknown[] };
    expect(routers).toEqual([]);
    expect(diagnostics[0]).toMatchObject({ severity: 'error', file: '<stdin>', path: 'spec.peerASN' });
  });

  it('leaves no comment that silences lint unused', async () => {
    const silenced = 'test/lint-corpus/clean-silenced.yaml';
    const { stderr } = await metallb(['router-config', '--vendor', 'frr', silenced]);
    expect(stderr).not.toContain('lint-disable');
  });

  it('compares standard input too, of the router whose ID it has', async () => {
    const args = ['router-config', '--vendor', 'frr', '--check', '-', ...GUIDE];
    const { status, stdout } = await metallb(args, { stdin: readFileSync('examples/routers/frr.conf', 'utf8') });
    expect(status).toBe(0);
    expect(stdout).toContain('Router 192.168.1.1: 0 errors');
  });
});
