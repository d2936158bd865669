/** What a rule of MetalLB's behaviour is in the table `docs/reference/rules.md`, and what holds it. */

/** One rule of `metallb-behaviour`: held by tests, or left out for a reason. */
export interface BehaviourRule {
  /** `1.1`, or `10 (3)` for a row of a table. */
  readonly section: string;
  readonly rule: string;
  readonly held: readonly HoldingTest[];
  /** Why no test holds it; null where one does. */
  readonly leftOut: string | null;
  /** How ours differs, where it does. */
  readonly differs: string | null;
}

/** A test, and for a table of cases some text of the case. */
export interface HoldingTest {
  readonly file: string;
  readonly name: string;
  readonly case: string | null;
}

/** Begins a section: what comes out makes its rules. */
export function section(number: string) {
  const make = (
    rule: string,
    held: readonly HoldingTest[],
    leftOut: string | null,
    differs: string | null,
  ): BehaviourRule => ({
    section: number,
    rule,
    held,
    leftOut,
    differs,
  });
  return {
    /** As MetalLB. */
    same: (rule: string, ...held: readonly HoldingTest[]) => make(rule, held, null, null),
    /** Otherwise than MetalLB, and the test holds what ours does. */
    ours: (rule: string, differs: string, ...held: readonly HoldingTest[]) => make(rule, held, null, differs),
    /** Not here. */
    out: (rule: string, why: string) => make(rule, [], why, null),
  };
}

/** Tests of one file by their names. */
export const testsIn =
  (file: string) =>
  (name: string, case_: string | null = null): HoldingTest => ({ file, name, case: case_ });
