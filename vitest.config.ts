import { defineConfig } from 'vitest/config';

/** `unit` needs nothing; `system` starts processes on loopback; `root` needs root, Debian packages and network namespaces; `soak` takes long. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['test/setup.ts'],
          include: [
            'src/**/*.test.ts',
            'lab/**/*.test.ts',
            'test/*.test.ts',
            'test/cli/**/*.test.ts',
            'test/golden/**/*.test.ts',
            'test/lint-corpus/**/*.test.ts',
            'test/scenario/**/*.test.ts',
            'test/fuzz/**/*.test.ts',
          ],
          isolate: false,
          // Nothing here waits for anything; a machine that has other work may still take its time over a property.
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts', 'test/faults/**/*.test.ts', 'test/contract/embedded.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'root',
          include: ['test/interop/**/*.test.ts', 'test/cluster/**/*.test.ts', 'test/contract/real.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          testTimeout: 86_400_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
