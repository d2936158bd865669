/**
 * Capability × daemon: what our speaker does together with FRR, BIRD, GoBGP and ExaBGP. Every folder beside this file is a row.
 *
 * The rows that are selected (`-t`) run a few at a time; each test waits for its cell. The run ends with the matrix.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { testObstacle, titled } from '../../../lab/requirements.ts';
import { table } from '../../../lab/text.ts';
import { reasonAgainst } from './harness/capability.ts';
import { DAEMONS, TITLES } from './harness/network.ts';
import { Pool } from './harness/pool.ts';
import { matrixOf } from './harness/table.ts';
import { ROWS } from './rows.ts';

/** How many rows at a time: enough to fill the waiting, few enough for two cores. */
const AT_ONCE = 5;
const TIMEOUT_MS = 400_000;

const obstacle = await testObstacle('root', ['frr', 'bird2', 'gobgpd', 'exabgp', 'nftables']);

describe.skipIf(obstacle !== undefined)(titled('interoperation', obstacle), () => {
  const pool = new Pool(AT_ONCE);
  const outcomes = new Map<string, string>();
  let began = 0;

  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern of a hook's first argument to learn what it needs.
  beforeAll(({}, suite) => {
    began = performance.now();
    const selected = new Set(
      suite.tasks.filter((task) => task.type === 'suite' && hasWork(task)).map(({ name }) => name),
    );
    pool.start(new Map([...ROWS].filter(([, { title }]) => selected.has(title))));
  });
  afterAll(async () => {
    await pool.over();
    const matrix = matrixOf(ROWS, {
      name: (_row, { title }) => title,
      outcome: (row, daemon) => outcomes.get(`${row} ${daemon}`) ?? '-',
    });
    const times = [...pool.durationsMs].map(([row, ms]) => `${row} ${(ms / 1000).toFixed(1)}`);
    process.stdout.write(
      `\n${table(matrix.rows)}\n\n${matrix.notes.map((reason, i) => `(${i + 1}) ${reason}`).join('\n')}\n\n` +
        `The matrix took ${Math.round((performance.now() - began) / 1000)} s. Seconds of each row: ${times.join(', ')}\n`,
    );
  }, TIMEOUT_MS);

  for (const [row, capability] of ROWS) {
    describe(capability.title, () => {
      for (const daemon of DAEMONS) {
        const reason = reasonAgainst(capability, daemon);
        const title = titled(`${capability.title}: ${TITLES[daemon]}`, reason);
        it.skipIf(reason !== undefined)(
          title,
          async () => {
            outcomes.set(`${row} ${daemon}`, 'FAIL');
            await pool.cell(row, daemon);
            outcomes.set(`${row} ${daemon}`, 'ok');
          },
          TIMEOUT_MS,
        );
      }
    });
  }
});

/** Whether any test of a suite was selected. */
function hasWork(task: { readonly mode: string; readonly tasks?: readonly { readonly mode: string }[] }): boolean {
  return task.tasks?.some(({ mode }) => mode === 'run') === true;
}
