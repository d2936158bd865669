/**
 * The BFD sessions of a speaker: the driver with its thread, what it says of itself in the log, and the last report of each session.
 *
 * State changes come by themselves. Everything else of a session (what was negotiated, counters) is the thread's, and is asked for when somebody wants
 * to know: before a scrape or a dump, and behind a change, since a BFD session that has come up agrees on its intervals only afterwards.
 */
import type { DropReason } from '../../bfd/drop-reason.ts';
import type { SessionStatus } from '../../bfd/session.ts';
import { BfdDriver, type BfdHandle, type BfdObserver, type BfdSessionOptions } from '../../io/bfd-driver.ts';
import type { WorkerReport } from '../../io/bfd-messages.ts';
import type { Logger } from '../../io/logger.ts';
import type { Clock } from '../../time/clock.ts';

/** A change shows in the report at once; the Poll Sequences behind it are over after some slow intervals. */
const REFRESH_AFTER_MS = [50, 3_000] as const;
/** A thread that does not answer keeps nobody waiting: what was known before is shown. */
const ANSWER_WITHIN_MS = 500;

/** What sessions need of it. */
export interface BfdRunner {
  add(options: BfdSessionOptions, observer: BfdObserver): BfdHandle;
  /** As it was last reported; null before that. */
  statusOf(id: number): SessionStatus | null;
  /** Asks for reports behind a change, and calls back with each. */
  refreshSoon(reported: () => void): void;
  readonly view: BfdThreadView;
}

/** What metrics and the state say of all of BFD. */
export interface BfdThreadView {
  /** Packets that were dropped, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly realTime: boolean;
  /** How often the thread has died and was replaced. */
  readonly deaths: number;
}

export interface BfdSessionsDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly createDriver?: typeof createBfdDriver;
}

const createBfdDriver = (
  ...options: ConstructorParameters<typeof BfdDriver>
): Pick<BfdDriver, 'add' | 'report' | 'close'> => new BfdDriver(...options);

export class BfdSessions implements BfdRunner {
  readonly #deps: BfdSessionsDependencies;
  readonly #driver: Pick<BfdDriver, 'add' | 'report' | 'close'>;
  #reported: WorkerReport | null = null;
  #statuses = new Map<number, SessionStatus>();
  #deaths = 0;
  #refreshes: (() => void)[] = [];
  #isClosed = false;
  /** Who waits for a report behind a change. */
  readonly #waiting = new Set<() => void>();

  constructor(deps: BfdSessionsDependencies) {
    const { clock, random, log, createDriver = createBfdDriver } = deps;
    this.#deps = deps;
    this.#driver = createDriver({
      clock,
      random,
      observer: {
        ready: (scheduling) => {
          if (scheduling.policy === 'realTime') log.debug({ event: 'bfdReady', scheduling: 'realTime' }, 'BFD runs');
          else
            log.info(
              {
                event: 'bfdWithoutPriority',
                error: scheduling.because,
                help: 'give the container the capability SYS_NICE; without it BFD shares the processor with everything else, and intervals below 300 ms may not hold on a busy node',
              },
              'BFD runs without real-time priority',
            );
        },
        workerDied: (error, restartInMs) => {
          this.#deaths += 1;
          log.error(
            { event: 'bfdThreadDied', error: error?.message ?? null, restartInMs: Math.round(restartInMs) },
            'the BFD thread has died and is started again; its sessions go on',
          );
        },
      },
    });
  }

  add(options: BfdSessionOptions, observer: BfdObserver): BfdHandle {
    return this.#driver.add(options, observer);
  }

  statusOf(id: number): SessionStatus | null {
    return this.#statuses.get(id) ?? null;
  }

  get view(): BfdThreadView {
    return {
      dropped: this.#reported?.dropped ?? {},
      realTime: this.#reported?.scheduling.policy === 'realTime',
      deaths: this.#deaths,
    };
  }

  refreshSoon(reported: () => void): void {
    if (this.#isClosed) return;
    this.#waiting.add(reported);
    for (const cancel of this.#refreshes) cancel();
    this.#refreshes = REFRESH_AFTER_MS.map((ms, i) =>
      this.#deps.clock.after(ms, () => void this.#refreshed(i === REFRESH_AFTER_MS.length - 1)),
    );
  }

  async #refreshed(isLast: boolean): Promise<void> {
    await this.refresh();
    const waiting = [...this.#waiting];
    if (isLast) this.#waiting.clear();
    for (const reported of waiting) reported();
  }

  /** Resolves when {@link statusOf} says how it is now. Without a thread it stays as it was. */
  async refresh(): Promise<void> {
    if (this.#isClosed) return;
    const report = await this.#answer();
    if (report === null) return;
    this.#reported = report;
    this.#statuses = new Map(report.sessions.map(({ id, status }) => [id, status]));
  }

  #answer(): Promise<WorkerReport | null> {
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(ANSWER_WITHIN_MS, () => resolve(null));
      void this.#driver.report().then((report) => {
        cancel();
        resolve(report);
      });
    });
  }

  /** Tells every router AdminDown: that this speaker ends is no failure of the path. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cancel of this.#refreshes) cancel();
    await this.#driver.close();
  }
}
