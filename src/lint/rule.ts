/** What a rule of lint is: one file in `rules/` with its examples, and one line in `registry.ts`. */
import type { FieldPath, Finding, Severity } from '../config/problem.ts';
import type { Rule } from '../config/rules.ts';
import type { Plan } from '../plan/plan.ts';
import type { Objects } from './objects.ts';

/** What a rule says of itself: `metallb lint --list` and `--explain`, its page in `docs/lint/`, and the tests that hold it to its word. */
export interface RuleDoc {
  /** One line: what is found. */
  readonly summary: string;
  /** Why it matters; paragraphs are separated by an empty line. */
  readonly why: string;
  /** Manifests on which it must fire. */
  readonly fires: readonly string[];
  /** Manifests on which it must not, near the others. */
  readonly silent: readonly string[];
}

/** A rule that can explain itself. */
export interface DocumentedRule extends Rule, RuleDoc {}

/** A rule that needs more than one object, or what comes of it: rules about one object are found where it is parsed (config/). */
export interface LintRule extends DocumentedRule {
  /** Every place where the rule fires. Must hold for any snapshot, and never throw. */
  readonly check: (plan: Plan, objects: Objects) => readonly RuleFinding[];
  /** Rules whose findings about the same object say less than this one does, and are left out beside it. */
  readonly insteadOf?: readonly string[];
}

/** A finding of a rule that fills in its own name, and severity and help unless the finding has its own. */
export interface RuleFinding {
  readonly message: string;
  /** Null where the finding is about the input as a whole. */
  readonly object: { readonly kind: string; readonly name: string; readonly namespace?: string } | null;
  readonly path: FieldPath;
  readonly help?: string;
  readonly severity?: Severity;
}

/** The finding as lint prints it; objects of metallb.io are in the namespace of the plan. */
export const findingOfRule = (rule: LintRule, found: RuleFinding, plan: Plan): Finding => ({
  rule: rule.name,
  severity: found.severity ?? rule.severity,
  message: found.message,
  help: found.help ?? rule.help,
  object:
    found.object === null
      ? null
      : {
          kind: found.object.kind,
          namespace: found.object.namespace ?? plan.options.namespace,
          name: found.object.name,
        },
  path: found.path,
});
