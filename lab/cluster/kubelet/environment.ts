/** The environment of a container: what the image, the cluster and the Pod say, in the order in which Kubernetes lets them override each other. */
import { ContainerError } from './container-error.ts';
import type { ContainerSpec, EnvEntry } from './pod.ts';

/** Where values are looked up that are not in the Pod itself. */
export interface EnvironmentSources {
  /** The downward API; undefined where it has no such field. */
  readonly field: (path: string) => string | undefined;
  /** The data of an object; undefined where there is none of that name. */
  readonly object: (
    kind: 'Secret' | 'ConfigMap',
    name: string,
  ) => Promise<Readonly<Record<string, string>> | undefined>;
}

const configError = (message: string): ContainerError => new ContainerError('CreateContainerConfigError', message);

/** @throws {ContainerError} where something that must be there is not. */
export async function containerEnvironment(
  { env = [], envFrom = [] }: ContainerSpec,
  base: Readonly<Record<string, string>>,
  sources: EnvironmentSources,
): Promise<Readonly<Record<string, string>>> {
  const result: Record<string, string> = { ...base };
  for (const { prefix = '', secretRef, configMapRef } of envFrom) {
    const [kind, reference] =
      secretRef === undefined ? (['ConfigMap', configMapRef] as const) : ['Secret' as const, secretRef];
    if (reference === undefined) continue;
    const data = await sources.object(kind, reference.name);
    if (data === undefined && reference.optional !== true) throw configError(`${kind} "${reference.name}" not found`);
    for (const [key, value] of Object.entries(data ?? {})) result[prefix + key] = value;
  }
  for (const entry of env) {
    const value = await entryValue(entry, result, sources);
    if (value !== undefined) result[entry.name] = value;
  }
  return result;
}

async function entryValue(
  { name, value = '', valueFrom }: EnvEntry,
  before: Readonly<Record<string, string>>,
  { field, object }: EnvironmentSources,
): Promise<string | undefined> {
  if (valueFrom === undefined) return expand(value, before);
  const { fieldRef, secretKeyRef, configMapKeyRef } = valueFrom;
  if (fieldRef !== undefined) {
    const found = field(fieldRef.fieldPath);
    if (found === undefined) throw configError(`env ${name}: no field ${fieldRef.fieldPath} here`);
    return found;
  }
  const [kind, reference] =
    secretKeyRef === undefined ? (['ConfigMap', configMapKeyRef] as const) : ['Secret' as const, secretKeyRef];
  if (reference === undefined) throw configError(`env ${name}: this kind of valueFrom is not supported here`);
  const data = await object(kind, reference.name);
  const found = data?.[reference.key];
  if (found === undefined && reference.optional !== true)
    throw configError(
      data === undefined
        ? `${kind} "${reference.name}" not found`
        : `couldn't find key ${reference.key} in ${kind} ${reference.name}`,
    );
  return found;
}

/**
 * Puts values in the place of `$(NAME)`, as Kubernetes does in `command`, `args` and `value`.
 *
 * `$$(NAME)` is `$(NAME)`; a name that is not known stays as it is written.
 */
export const expand = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replace(/\$\$|\$\(([^)]+)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (env[name] ?? whole),
  );
