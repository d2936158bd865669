/** Lines of a configuration with the reason why they are there: what vendors make, and the text of it. */
import { commentText } from './plain-text.ts';

export interface Section {
  /** Sentences, each a comment line of its own. */
  readonly why: readonly string[];
  /** With their indentation. */
  readonly lines: readonly string[];
}

/** The configuration; a comment stands above the lines that it is about, indented as they are. */
export const textOfSections = (sections: readonly Section[], comment: string): string =>
  sections
    .flatMap(({ why, lines }) => {
      const indent = /^ */.exec(lines[0] ?? '')?.[0] ?? '';
      return [...why.map((sentence) => `${indent}${comment} ${commentText(sentence)}`), ...lines];
    })
    .map((line) => `${line}\n`)
    .join('');
