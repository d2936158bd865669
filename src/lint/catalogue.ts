/** Every rule that lint may report, wherever it is found, with what it says of itself. */
import { INPUT_RULES } from '../config/rules.ts';
import { DISABLE_UNUSED, DISABLE_WITHOUT_REASON } from './disable.ts';
import { INPUT_RULE_DOCS } from './input-rules/index.ts';
import { PLAN_RULES } from './plan-rules.ts';
import { LINT_RULES } from './registry.ts';
import type { DocumentedRule } from './rule.ts';

/** Rules whose findings come from reading the input (config/rules.ts has their severity and help). */
const READING: readonly DocumentedRule[] = [...INPUT_RULES.values()].flatMap((rule) => {
  const doc = INPUT_RULE_DOCS.get(rule.name);
  return doc === undefined ? [] : [{ ...rule, ...doc }];
});

/** All rules: of reading, of the plan, of lint, of the comments that silence. */
export const CATALOGUE: readonly DocumentedRule[] = [
  ...READING,
  ...PLAN_RULES,
  ...LINT_RULES,
  DISABLE_WITHOUT_REASON,
  DISABLE_UNUSED,
];

/** The names of all rules, also of those that say nothing of themselves. */
export const RULE_NAMES: readonly string[] = [
  ...new Set([...INPUT_RULES.keys(), ...CATALOGUE.map(({ name }) => name)]),
];
