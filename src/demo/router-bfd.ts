/** BFD of one of the demo's routers: the profile of the nodes, mirrored, with our own engine. */
import type { BfdProfile } from '../config/bfd-profile.ts';
import { BfdDriver, type BfdHandle } from '../io/bfd-driver.ts';
import { sessionConfigOf } from '../io/bfd-profile.ts';
import type { Ip } from '../net/ip.ts';
import { describeChange } from '../speaker/bfd/bfd-cause.ts';
import { BfdWatch } from '../speaker/bfd/bfd-effect.ts';
import type { Clock } from '../time/clock.ts';

export class RouterBfd {
  readonly #clock: Clock;
  readonly #driver: BfdDriver;
  readonly #local: Ip;

  constructor(local: Ip, clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#local = local;
    this.#driver = new BfdDriver({
      clock,
      random,
      observer: {
        ready: () => {
          // The demo's routers have no log.
        },
        workerDied: () => {
          // It is started again, and goes on.
        },
      },
    });
  }

  /** @param ended - the BGP session is to end, and why. */
  add(remote: Ip, profile: BfdProfile, ended: (why: string) => void): BfdHandle {
    const watch = new BfdWatch();
    const mirrored = {
      ...profile,
      transmitIntervalMs: profile.receiveIntervalMs,
      receiveIntervalMs: profile.transmitIntervalMs,
      passiveMode: false,
    };
    const path = { type: 'singleHop', local: this.#local, remote, interfaceIndex: null } as const;
    return this.#driver.add(
      { path, device: null, onOwnAddress: true, config: sessionConfigOf(mirrored, path, false) },
      {
        stateChanged: (change) => {
          if (watch.changed(change, this.#clock.now()) === 'endSession') ended(describeChange(change));
        },
        problem: () => {
          // The speakers say that BFD is not Up.
        },
        refused: () => {
          // As above.
        },
      },
    );
  }
}
