/** What becomes of one session's Echo function: logged when it changes, and told in the session's state. */
import type { EchoState } from '../../bfd/echo.ts';
import type { SocketProblem } from '../../io/bfd-messages.ts';
import type { Logger } from '../../io/logger.ts';
import { type EchoFacts, type EchoView, echoViewOf } from './bfd-echo.ts';

export interface EchoReportDependencies {
  readonly log: () => Logger;
  /** What the session knows beside; null where its profile asks for no Echo function. */
  readonly facts: () => Omit<EchoFacts, 'echo' | 'problem'> | null;
  readonly changed: () => void;
}

export class EchoReport {
  readonly #deps: EchoReportDependencies;
  #state: EchoState = 'off';
  #problem: SocketProblem | null = null;

  constructor(deps: EchoReportDependencies) {
    this.#deps = deps;
  }

  /** The session is another. */
  reset(): void {
    this.#state = 'off';
    this.#problem = null;
  }

  stateChanged(state: EchoState): void {
    this.#state = state;
    const log = this.#deps.log();
    const line = this.#line();
    if (state === 'active') log.info(line, 'BFD Echo watches the path');
    else if (state === 'notReturned') log.warn(line, 'BFD Echo packets do not come back');
    else log.debug(line, 'BFD Echo state');
    this.#deps.changed();
  }

  problemChanged(problem: SocketProblem | null): void {
    this.#problem = problem;
    if (problem !== null) this.#deps.log().warn(this.#line(), 'BFD Echo packets cannot be sent');
    this.#deps.changed();
  }

  /** Null where the profile asks for none. */
  get view(): EchoView | null {
    const facts = this.#deps.facts();
    return facts === null ? null : echoViewOf({ ...facts, echo: this.#state, problem: this.#problem });
  }

  #line(): object {
    const { state = 'off', cause: why = null } = this.view ?? {};
    const { cause = null, message = null, help = null } = why ?? {};
    return { event: 'bfdEcho', state, cause, error: message, help };
  }
}
