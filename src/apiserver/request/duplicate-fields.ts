/**
 * Fields that stand twice in one object of a JSON text. `JSON.parse` takes the last one and says nothing; a client that asks for strict validation
 * wants to know.
 */

interface Level {
  /** Where this object or list is: `spec.ports[0]`. */
  readonly path: string;
  /** Of an object: its fields so far. */
  readonly fields: Set<string> | null;
  /** Of an object: the field that is read; of a list: the index. */
  field: string;
  index: number;
  /** Of an object: whether the next text is a field's name. */
  expectsName: boolean;
}

/** Texts with their escapes, and the marks that make structure; all else is skipped. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;
const MAX_FOUND = 20;

/** @param text - valid JSON. @returns the places, in order, each once */
export function duplicateFields(text: string): readonly string[] {
  const found = new Set<string>();
  const levels: Level[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === '{' || token === '[')
      levels.push({
        path: level === undefined ? '' : placeIn(level),
        fields: token === '{' ? new Set() : null,
        field: '',
        index: 0,
        expectsName: token === '{',
      });
    else if (token === '}' || token === ']') levels.pop();
    else if (level === undefined) continue;
    else if (token === ',') {
      level.index++;
      level.expectsName = level.fields !== null;
    } else if (token === ':') level.expectsName = false;
    else if (level.expectsName && level.fields !== null) {
      level.field = JSON.parse(token) as string;
      if (level.fields.has(level.field) && found.size < MAX_FOUND) found.add(placeIn(level));
      level.fields.add(level.field);
    }
  }
  return [...found];
}

const placeIn = ({ path, fields, field, index }: Level): string =>
  fields === null ? `${path}[${index}]` : path === '' ? field : `${path}.${field}`;
