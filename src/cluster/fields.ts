/**
 * Reading fields of core objects: only those that decide something, null as unset, every wrong type a problem.
 *
 * A core object comes from a cluster, which has checked it, or from a file, which nobody has; unknown fields are none of our business.
 */

import { type FieldPath, formatFieldPath, type Problem, problem } from '../config/problem.ts';
import { isJsonObject } from '../is-json-object.ts';

/** An object of which fields are read; what is wrong is added to the problems that all parts of one object share. */
export class Fields {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #path: FieldPath;
  readonly #problems: Problem[];

  constructor(value: Readonly<Record<string, unknown>>, path: FieldPath, problems: Problem[]) {
    this.#value = value;
    this.#path = path;
    this.#problems = problems;
  }

  pathOf(field: string): FieldPath {
    return [...this.#path, field];
  }

  text(field: string): string | undefined {
    const value = this.#get(field);
    if (value === undefined || typeof value === 'string') return value;
    return this.#wrong(field, 'a text');
  }

  boolean(field: string): boolean | undefined {
    const value = this.#get(field);
    if (value === undefined || typeof value === 'boolean') return value;
    return this.#wrong(field, 'true or false');
  }

  integer(field: string): number | undefined {
    const value = this.#get(field);
    if (value === undefined || Number.isInteger(value)) return value as number | undefined;
    return this.#wrong(field, 'a whole number');
  }

  /** One of the words, or undefined where the field is unset or has another. */
  word<const W extends string>(field: string, words: readonly W[]): W | undefined {
    const value = this.text(field);
    const word = words.find((w) => w === value);
    if (value !== undefined && word === undefined) {
      const message = `${formatFieldPath(this.pathOf(field))} must be one of ${words.join(', ')}`;
      this.#problems.push(problem('unknown-value', this.pathOf(field), message));
    }
    return word;
  }

  /** The object in a field; an empty one where it is unset. */
  object(field: string): Fields {
    const value = this.#get(field);
    if (value !== undefined && !isJsonObject(value)) this.#wrong(field, 'an object');
    return new Fields(isJsonObject(value) ? value : {}, this.pathOf(field), this.#problems);
  }

  /** The texts of a list, each with its path. */
  texts(field: string): readonly { readonly text: string; readonly path: FieldPath }[] {
    return this.#list(field, 'a text', (entry) => typeof entry === 'string').map(([entry, path]) => ({
      text: String(entry),
      path,
    }));
  }

  /** The objects of a list. */
  objects(field: string): readonly Fields[] {
    return this.#list(field, 'an object', isJsonObject).map(
      ([entry, path]) => new Fields(isJsonObject(entry) ? entry : {}, path, this.#problems),
    );
  }

  /** An object whose values are texts, as labels are. */
  textMap(field: string): Readonly<Record<string, string>> {
    const value = this.#get(field);
    if (value === undefined) return {};
    if (!isJsonObject(value)) {
      this.#wrong(field, 'an object');
      return {};
    }
    const texts: Record<string, string> = {};
    for (const [key, entry] of Object.entries(value)) {
      if (typeof entry === 'string') texts[key] = entry;
      else if (entry !== null) this.#fault([...this.pathOf(field), key], 'a text');
    }
    return texts;
  }

  #list(
    field: string,
    expected: string,
    accepts: (entry: unknown) => boolean,
  ): readonly (readonly [entry: unknown, path: FieldPath])[] {
    const value = this.#get(field);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.#wrong(field, 'a list');
      return [];
    }
    return value.flatMap((entry: unknown, i): (readonly [unknown, FieldPath])[] => {
      if (entry === null || entry === undefined) return [];
      const path = [...this.pathOf(field), i];
      if (accepts(entry)) return [[entry, path]];
      this.#fault(path, expected);
      return [];
    });
  }

  #get(field: string): unknown {
    const value = Object.hasOwn(this.#value, field) ? this.#value[field] : undefined;
    return value === null ? undefined : value;
  }

  #wrong(field: string, expected: string): undefined {
    this.#fault(this.pathOf(field), expected);
  }

  #fault(path: FieldPath, expected: string): void {
    this.#problems.push(problem('wrong-type', path, `${formatFieldPath(path)} must be ${expected}`));
  }
}
