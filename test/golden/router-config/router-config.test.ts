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
});
