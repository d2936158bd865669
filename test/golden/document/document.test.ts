/**
 * `metallb document` of the guide's multi-router configuration and of a site with everything, against reviewed documents beside this file;
 * `UPDATE_GOLDEN=1` writes them anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metallb } from '../../cli/fake-io.ts';

const GUIDE = ['multi-router', 'test-service', 'cluster'].map((chapter) => `examples/guide/${chapter}`);
const SITE = 'test/golden/router-config/inputs/site.yaml';

describe('metallb document', () => {
  it.each([
    ['multi-router', GUIDE],
    [
      'primary-backup',
      ['ip-address-pools/ip-address-pool.yaml', 'bgp-peer', 'communities', 'primary-backup', 'cluster'].map(
        (path) => `examples/guide/${path}`,
      ),
    ],
    ['site', [SITE]],
  ])('%s', async (name, inputs) => {
    const { status, stdout } = await metallb(['document', ...inputs]);
    const golden = join(import.meta.dirname, `${name}.md`);
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, stdout);
    expect(stdout).toBe(readFileSync(golden, 'utf8'));
    expect(status).toBe(0);
  });

  it('does not depend on the order of the objects', async () => {
    const { stdout: expected } = await metallb(['document', SITE]);
    const objects = readFileSync(SITE, 'utf8').split(/^---$/m);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(objects, { minLength: objects.length }), async (shuffled) => {
        const { stdout } = await metallb(['document', '-'], { stdin: shuffled.join('\n---\n') });
        expect(stdout).toBe(expected);
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it('keeps texts of users in their cells', async () => {
    const documentWith = async (alias: string): Promise<readonly string[]> => {
      const stdin = JSON.stringify({
        apiVersion: 'metallb.io/v1beta1',
        kind: 'Community',
        metadata: { name: 'words', namespace: 'metallb-system' },
        spec: { communities: [{ name: alias, value: '64512:9' }] },
      });
      const { status, stdout } = await metallb(['document', '-', ...GUIDE], { stdin });
      expect(status).toBe(0);
      return stdout.split('\n');
    };
    const plain = await documentWith('x');
    const cells = (line: string): number => line.replace(/\\./g, '').split('|').length;
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom('a | b', '\n# heading', '<script>', '`', '| |\n|', '\u202e', '[x](http://y)'),
    );
    await fc.assert(
      fc.asyncProperty(nasty, async (alias) => {
        const lines = await documentWith(alias);
        expect(lines.map(cells)).toEqual(plain.map(cells));
        expect(lines.join('\n')).not.toMatch(/(?!\n)\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(lines.join('\n')).not.toContain('<script>');
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('says what is missing because of errors', async () => {
    const stdin =
      'apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: { name: bad }\nspec: { myASN: 1, peerAddress: 192.0.2.1 }\n';
    const { status, stdout, stderr } = await metallb(['document', '-', ...GUIDE], { stdin });
    expect(status).toBe(1);
    expect(stdout).toContain('**Not complete**: BGPPeer bad has errors');
    expect(stderr).toContain('neither peerASN nor dynamicASN is set');
  });

  it('writes no key', async () => {
    const { stdout } = await metallb(['document', ...GUIDE]);
    expect(stdout).not.toContain('your-secure-password');
  });
});
