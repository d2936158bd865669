/** The rules of lint in words: the list of all, and what one of them is about. */
import { nearestOf } from '../../config/nearest.ts';
import { CATALOGUE } from '../../lint/catalogue.ts';
import { findingsOn } from '../../lint/page.ts';
import type { DocumentedRule } from '../../lint/rule.ts';
import { CannotRunError } from '../io.ts';
import { SEVERITY_FORMAT, type Style } from '../text/style.ts';

const SORTED: readonly DocumentedRule[] = [...CATALOGUE].sort((a, b) => (a.name < b.name ? -1 : 1));

/** @throws {CannotRunError} where no rule has the name. */
export function ruleNamed(name: string): DocumentedRule {
  const rule = SORTED.find((candidate) => candidate.name === name);
  if (rule !== undefined) return rule;
  const nearest = nearestOf(
    name,
    SORTED.map((candidate) => candidate.name),
  );
  throw new CannotRunError(
    `no rule is called "${name}"${nearest === undefined ? ': metallb lint --list prints all' : `; did you mean "${nearest}"?`}`,
  );
}

/** All rules by name: name, severity, what it finds. */
export function rulesText(style: Style): string {
  const width = Math.max(...SORTED.map(({ name }) => name.length));
  const lines = SORTED.map(
    ({ name, severity, summary }) =>
      `${name.padEnd(width)}  ${style(SEVERITY_FORMAT[severity], severity.padEnd('warning'.length))}  ${summary}\n`,
  );
  return `${lines.join('')}\n${SORTED.length} rules; metallb lint --explain RULE says more of one.\n`;
}

/** The same for programs. */
export const rulesJson = (): string =>
  `${JSON.stringify({ rules: SORTED.map(({ name, severity, summary, help }) => ({ rule: name, severity, summary, help })) }, null, 2)}\n`;

/** What a rule finds, why that matters, what to do, with the manifests that show it. */
export function explanationText(rule: DocumentedRule, style: Style): string {
  const heading = (text: string): string => `\n${style('bold', text)}\n`;
  const fires = rule.fires.map(
    (yaml) =>
      `${indented(yaml)}\n${findingsOn(rule, yaml)
        .map((line) => `  ${style('yellow', '=>')} ${line}\n`)
        .join('')}`,
  );
  return [
    `${style('bold', rule.name)}  ${style(SEVERITY_FORMAT[rule.severity], rule.severity)}  ${rule.summary}\n`,
    `\n${folded(rule.why)}\n`,
    heading('What to do'),
    `${folded(rule.help)}\n`,
    ...(fires.length === 0 ? [] : [heading('Fires'), fires.join('\n')]),
    heading('Does not fire'),
    rule.silent.map(indented).join('\n'),
  ].join('');
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '    ');

const WIDTH = 100;

/** Paragraphs in lines of a width that can be read. */
const folded = (text: string): string =>
  text
    .split('\n\n')
    .map((paragraph) => {
      const lines = [''];
      for (const word of paragraph.split(/\s+/)) {
        const line = lines.at(-1) ?? '';
        if (line !== '' && line.length + 1 + word.length > WIDTH) lines.push(word);
        else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
      }
      return lines.join('\n');
    })
    .join('\n\n');
