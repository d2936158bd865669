/**
 * Texts of users on their way into a router's configuration: never more than a part of the line that they were meant for.
 *
 * What is allowed is listed, not what is forbidden: no language of a router gives a meaning to these characters inside a description or a
 * comment, and none of them ends a line, a string or a comment, or is expanded by a shell.
 */

const FOREIGN = /[^A-Za-z0-9 ._:/@()+,=-]/g;

/** A comment ends with its line, so that a semicolon means nothing in it. */
const FOREIGN_IN_COMMENT = /[^A-Za-z0-9 ._:/@()+,=;-]/g;

/** The longest description that all vendors take. */
const LONGEST = 80;

const LONGEST_COMMENT = 200;

/** A description: one line, without what a router's language knows. */
export const plainText = (text: string): string => cleaned(text, FOREIGN, LONGEST);

/** A sentence of a comment. */
export const commentText = (text: string): string => cleaned(text, FOREIGN_IN_COMMENT, LONGEST_COMMENT);

const cleaned = (text: string, foreign: RegExp, longest: number): string =>
  text.replace(foreign, '_').replace(/ +/g, ' ').trim().slice(0, longest).trimEnd();

/** The part of a name that may follow another part: capital letters, digits and "-". */
export const nameText = (text: string, longest = 40): string =>
  text
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '-')
    .slice(0, longest);

/** Hands out names, each once. */
export class Names {
  readonly #taken = new Set<string>();

  /** @param text - of a user. */
  claim(prefix: string, text: string): string {
    const wanted = prefix + nameText(text);
    let name = wanted;
    for (let n = 2; this.#taken.has(name); n++) name = `${wanted}-${n}`;
    this.#taken.add(name);
    return name;
  }
}
