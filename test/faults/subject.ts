/**
 * Who faults are brought upon.
 *
 * A process of ours joins by implementing {@link Subject}, and by saying in the table (faults.ts) what is seen of it at each fault. What it
 * `holds` is what must not move: of a controller the address of each Service, of a speaker the state of each session and the routes that its
 * router has. It is on the stage with its own name as User-Agent, by which a fault and the counts of writes tell one from the other, and on the
 * stage's clock: no timer of its own.
 */
import type { FaultStage } from './stage.ts';

export interface RunningSubject {
  /** What must stay through every fault, by name. */
  holds(): ReadonlyMap<string, string>;
  /** Its metrics in the text format of Prometheus. */
  metrics(): Promise<string>;
  /** Ends it as SIGTERM does. The stage has to be {@link FaultStage.run} meanwhile. */
  stop(): Promise<void>;
}

export interface Subject {
  /** Its User-Agent, too. */
  readonly name: SubjectName;
  /** Starts it; it may be waited for by running the stage. */
  start(stage: FaultStage): Promise<RunningSubject>;
}

export type SubjectName = 'controller' | 'speaker';
