/** Turns the results of a probe into a verdict: so many in a row of one kind, and it changes (Kubernetes' success and failure thresholds). */
export class ProbeJudge {
  readonly #successes: number;
  readonly #failures: number;
  #verdict: boolean | undefined;
  #inARow = 0;
  #last: boolean | undefined;

  constructor({
    successThreshold = 1,
    failureThreshold = 3,
  }: { successThreshold?: number; failureThreshold?: number }) {
    this.#successes = successThreshold;
    this.#failures = failureThreshold;
  }

  /** Undefined until there have been enough results of either kind. */
  get verdict(): boolean | undefined {
    return this.#verdict;
  }

  /** Takes a result and returns whether it changed the verdict. */
  take(success: boolean): boolean {
    this.#inARow = success === this.#last ? this.#inARow + 1 : 1;
    this.#last = success;
    if (this.#inARow < (success ? this.#successes : this.#failures) || this.#verdict === success) return false;
    this.#verdict = success;
    return true;
  }
}
