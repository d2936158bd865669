/** `x-kubernetes-validations` of one schema: the rules, compiled. */
import { isObject, listAt, textAt } from '../json.ts';
import type { FieldError } from '../status.ts';
import type { Json } from '../types.ts';
import { compileCel, type Program } from './cel/program.ts';

export interface Rule {
  readonly text: string;
  /** Null where the text is no expression: then the rule fails for everything, and says so. */
  readonly program: Program | null;
  readonly problem: string;
  /** As Kubernetes says it where the rule fails. */
  readonly message: string;
  readonly messageExpression: Program | null;
  readonly reason: FieldError['reason'];
  /** `.field` or `['field']` beneath the rule's own place. */
  readonly fieldPath: string;
  readonly optionalOldSelf: boolean;
}

const REASONS = ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate'] as const;

export const compileRules = (schema: Json): readonly Rule[] =>
  listAt(schema, 'x-kubernetes-validations').filter(isObject).map(compileRule);

export function compileRule(rule: Json): Rule {
  const text = textAt(rule, 'rule');
  const program = compileCel(text, ['self', 'oldSelf']);
  const expression = textAt(rule, 'messageExpression');
  const byMessage = expression === '' ? undefined : compileCel(expression, ['self', 'oldSelf']);
  return {
    text,
    program: program.ok ? program.value : null,
    problem: program.ok ? '' : program.error,
    message: textAt(rule, 'message').trim() || `failed rule: ${text.trim()}`,
    messageExpression: byMessage?.ok ? byMessage.value : null,
    reason: REASONS.find((reason) => reason === rule.reason) ?? 'FieldValueInvalid',
    fieldPath: textAt(rule, 'fieldPath'),
    optionalOldSelf: rule.optionalOldSelf === true,
  };
}
