/** Runs rows a few at a time: most of a row is waiting for daemons' timers. */
import { type Capability, inRow } from './capability.ts';
import type { DaemonName } from './network.ts';
import { type RowRun, runRow } from './run-row.ts';

export class Pool {
  readonly #atOnce: number;
  readonly #runs = new Map<string, PromiseWithResolvers<RowRun>>();
  /** How long each row took. */
  readonly durationsMs = new Map<string, number>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Begins with the rows: slow ones first, the others in this order. */
  start(rows: ReadonlyMap<string, Capability>): void {
    const waiting = [...rows]
      .filter(([, capability]) => inRow(capability).length > 0)
      .sort(([, a], [, b]) => Number(b.slow ?? false) - Number(a.slow ?? false));
    for (const [name] of waiting) this.#runs.set(name, Promise.withResolvers());
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [name, capability] = next;
        const began = performance.now();
        const run = runRow(name, capability);
        this.#runs.get(name)?.resolve(run);
        await run.over;
        this.durationsMs.set(name, performance.now() - began);
      }
    };
    for (let i = 0; i < this.#atOnce; i++) void work();
  }

  /** The outcome of one cell. */
  async cell(row: string, daemon: DaemonName): Promise<void> {
    const run = await this.#runs.get(row)?.promise;
    const cell = run?.cells.get(daemon);
    if (cell === undefined) throw new Error(`row ${row} does not run ${daemon}`);
    await cell;
  }

  /** Resolves when every row is over and removed. */
  async over(): Promise<void> {
    for (const { promise } of this.#runs.values()) await (await promise).over;
  }
}
