/**
 * Variables of a template that nobody filled in: `${VAR}`, and with a default or an operator (`${VAR:-x}`), as envsubst and shells have
 * them. An object with one is not what its author means.
 *
 * Looked for in the kinds that decide something; a ConfigMap or a Pod may well carry a shell script. The message names the variable, but
 * not inside of a password, where it might be part of the key.
 */
import { type FieldPath, formatFieldPath, type Problem, problem } from '../config/problem.ts';

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?:[:=?+-][^}]*)?\}/;
const WITH_SCRIPTS = new Set(['ConfigMap', 'Pod', 'Deployment', 'DaemonSet']);
const SECRET_FIELDS = new Set(['password', 'data', 'stringData']);

/** Every value of the object that has an unsubstituted variable. */
export function unsubstitutedVariables(kind: string, body: Readonly<Record<string, unknown>>): readonly Problem[] {
  const problems: Problem[] = [];
  const visit = (value: unknown, path: FieldPath): void => {
    if (typeof value === 'string') {
      const name = value.includes('${') ? VARIABLE.exec(value)?.[1] : undefined;
      if (name === undefined) return;
      const secret = path.some((step) => typeof step === 'string' && SECRET_FIELDS.has(step));
      const what = secret ? 'a variable' : `the variable \${${name}}`;
      problems.push(
        problem(
          'unsubstituted-variable',
          path,
          `${formatFieldPath(path)} has ${what} that nobody filled in: the object is left out`,
        ),
      );
    } else if (typeof value === 'object' && value !== null) {
      const list = Array.isArray(value);
      for (const [key, entry] of Object.entries(value)) visit(entry, [...path, list ? Number(key) : key]);
    }
  };
  visit(WITH_SCRIPTS.has(kind) ? { metadata: { name: nameOf(body) } } : withoutCopies(body), []);
  return problems;
}

const nameOf = (body: Readonly<Record<string, unknown>>): unknown => (body.metadata as { name?: unknown } | null)?.name;

/** Without the annotation in which kubectl keeps a copy of the object: it would say everything twice. */
function withoutCopies(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const metadata = body.metadata;
  if (typeof metadata !== 'object' || metadata === null || !('annotations' in metadata)) return body;
  const { annotations } = metadata;
  if (typeof annotations !== 'object' || annotations === null) return body;
  const kept = Object.entries(annotations).filter(
    ([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration',
  );
  return { ...body, metadata: { ...metadata, annotations: Object.fromEntries(kept) } };
}
