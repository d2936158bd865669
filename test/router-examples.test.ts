/** The router configurations of examples/routers are the guide's, word for word. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guideFrrConf } from '../lab/guide.ts';

const GUIDE = join(import.meta.dirname, '../../shared/guide.md');
const obstacle = existsSync(GUIDE) ? '' : ' [skipped: the guide is not beside the checkout]';
const EXAMPLES = 'examples/routers';
const configurations = readdirSync(EXAMPLES).filter((file) => file.endsWith('.conf'));

describe('examples/routers', () => {
  it.skipIf(obstacle !== '')(`equals the blocks that the guide prints${obstacle}`, () => {
    const blocks = [...readFileSync(GUIDE, 'utf8').matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, text]) => text);
    expect(configurations).toEqual(['frr.conf', 'ios-xe.conf', 'vyos.conf']);
    for (const file of configurations) expect(blocks).toContain(readFileSync(join(EXAMPLES, file), 'utf8'));
  });

  it('has the frr.conf that the lab runs', () => {
    expect(readFileSync(join(EXAMPLES, 'frr.conf'), 'utf8')).toBe(guideFrrConf());
  });
});
