/** The table of rules as `docs/reference/rules.md` has it. */
import { QUIRKS } from './quirks.ts';
import type { BehaviourRule, HoldingTest } from './rule.ts';
import { SECTION_1 } from './section-1.ts';
import { SECTION_2 } from './section-2.ts';
import { SECTION_3 } from './section-3.ts';
import { SECTION_4 } from './section-4.ts';
import { SECTION_5 } from './section-5.ts';

const SECTIONS: readonly (readonly [title: string, rules: readonly BehaviourRule[]])[] = [
  ['1 Custom resources', SECTION_1],
  ['2 Services', SECTION_2],
  ['3 Allocation', SECTION_3],
  ['4 BGP', SECTION_4],
  ['5 Layer 2', SECTION_5],
  ['10 Quirks', QUIRKS],
];

export const RULES: readonly BehaviourRule[] = SECTIONS.flatMap(([, rules]) => rules);

const countOf = (rules: readonly BehaviourRule[]) => ({
  same: rules.filter(({ leftOut, differs }) => leftOut === null && differs === null).length,
  ours: rules.filter(({ differs }) => differs !== null).length,
  out: rules.filter(({ leftOut }) => leftOut !== null).length,
});

/** The whole page. */
export function rulesPage(): string {
  const counts = SECTIONS.map(([title, rules]) => {
    const { same, ours, out } = countOf(rules);
    return `| ${title} | ${rules.length} | ${same} | ${ours} | ${out} |`;
  });
  const { same, ours, out } = countOf(RULES);
  return `<!-- Generated from test/rules/; UPDATE_GOLDEN=1 npx vitest run --project unit test/rules.test.ts writes it anew. -->

# MetalLB's rules, and the tests that hold them

Each rule of MetalLB's behaviour in a sentence, by the section of its description, with the test that holds it. Where ours differs, the table says
how; the reasons are in [decisions.md](../decisions.md). A test checks that every test named here exists.

| section | rules | as MetalLB | otherwise | left out |
| --- | --- | --- | --- | --- |
${counts.join('\n')}
| all | ${RULES.length} | ${same} | ${ours} | ${out} |

${SECTIONS.map(([title, rules]) => `## ${title}\n\n${tableOf(rules)}`).join('\n')}`;
}

const tableOf = (rules: readonly BehaviourRule[]): string =>
  `| section | rule | ours | held by |\n| --- | --- | --- | --- |\n${rules.map(rowOf).join('')}`;

function rowOf({ section, rule, held, leftOut, differs }: BehaviourRule): string {
  const ours = leftOut !== null ? `left out: ${leftOut}` : (differs ?? 'the same');
  const tests = [...new Set(held.map(testText))].join('<br>') || '-';
  return `| ${[section, rule, ours, tests].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
}

const testText = ({ file, name }: HoldingTest): string => `\`${file}\`: ${name.replaceAll('%', '&#37;')}`;
