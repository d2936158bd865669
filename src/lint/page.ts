/** The documentation page of a rule, and the list of all: made from the rules themselves, so that they cannot say anything else. */
import { formatFieldPath } from '../config/problem.ts';
import type { Placed } from './disable.ts';
import { lintText } from './report.ts';
import type { DocumentedRule } from './rule.ts';

/** The place, severity and message of a finding, as `lint` prints it. */
const lineOf = ({ finding, position }: Placed): string => {
  const field = formatFieldPath(finding.path);
  const where = position === null ? '' : `line ${position.line}, column ${position.column}: `;
  return `${where}${finding.severity}: ${finding.message}${field === '' ? '' : ` (${field})`}`;
};

/** What the rule says of a manifest, a line each. */
export const findingsOn = (rule: DocumentedRule, yaml: string): readonly string[] =>
  (lintText('example.yaml', yaml)?.findings ?? []).filter(({ finding }) => finding.rule === rule.name).map(lineOf);

/** The page of one rule, in Markdown. */
export function rulePage(rule: DocumentedRule): string {
  const fires = rule.fires.map(
    (yaml) =>
      `\`\`\`yaml\n${yaml}\`\`\`\n\n${findingsOn(rule, yaml)
        .map((line) => `> ${line}\n`)
        .join('>\n')}`,
  );
  return [
    `# ${rule.name}\n`,
    `**${rule.severity}**: ${rule.summary}.\n`,
    `${rule.why}\n`,
    `## What to do\n\n${sentence(rule.help)}\n`,
    ...(fires.length === 0 ? [] : [`## Fires\n\n${fires.join('\n')}`]),
    `## Does not fire\n\n${rule.silent.map((yaml) => `\`\`\`yaml\n${yaml}\`\`\`\n`).join('\n')}`,
    ...(rule.severity === 'error' ? [] : [SILENCE(rule.name)]),
  ].join('\n');
}

const SILENCE = (name: string): string =>
  `## Silence it\n\nIn YAML, above the object or the field, with the reason in words:\n\n\`\`\`yaml\n# metallb-lint-disable ${name} REASON\n\`\`\`\n`;

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?)]$/.test(text) ? '' : '.'}`;

/** The list of all rules, in Markdown. */
export function indexPage(rules: readonly DocumentedRule[]): string {
  const rows = [...rules]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, severity, summary }) => `| [${name}](${name}.md) | ${severity} | ${summary} |`);
  return `# Rules of metallb lint

\`metallb lint --list\` prints this list, \`metallb lint --explain RULE\` a page of it. These pages are made from the rules, and a test shows that
every example does what its page says.

An **error** would be refused by the cluster or by the speakers, or cannot work: the object is left out. A **warning** works, but hardly as its author
means it. An **info** is worth knowing. A rule may report a case that is less bad than its usual one with a lower severity.

A warning or info that is meant is silenced in YAML, above the object or the field that it is about:

\`\`\`yaml
# metallb-lint-disable single-peer the lab has one router
apiVersion: metallb.io/v1beta2
kind: BGPPeer
\`\`\`

The reason is needed, a comment that silences nothing is reported, and errors cannot be silenced. Some rules look at Nodes, Services, EndpointSlices,
Namespaces and ConfigMaps: they say nothing where those are not in the input.

\`-o sarif\` is for code scanning (SARIF 2.1.0): silenced findings are in it as suppressed, with their reasons.

| rule | severity | what it finds |
| --- | --- | --- |
${rows.join('\n')}
`;
}
