import { describe, expect, it } from 'vitest';
import { lanesOf, rootTestFiles } from '../scripts/lanes.mjs';

describe('the lanes of the tests that need root', () => {
  const files = rootTestFiles('.');
  const { together, alone } = lanesOf(files);

  it('have every file in one of them', () => {
    expect([...together.flat(), ...alone].sort()).toEqual(files);
    expect(files).toContain('test/contract/real.test.ts');
    expect(files).not.toContain('test/contract/embedded.test.ts');
    for (const lane of together) expect(lane.length).toBeGreaterThan(0);
  });

  it('leave the machine to what is measured, new files of BFD too', () => {
    expect(alone).toContain('test/interop/failover.test.ts');
    expect(alone).toContain('test/cluster/guide.test.ts');
    expect(lanesOf(['test/interop/bfd/new.test.ts', 'test/interop/new.test.ts'])).toEqual({
      together: [[], ['test/interop/new.test.ts']],
      alone: ['test/interop/bfd/new.test.ts'],
    });
  });
});
