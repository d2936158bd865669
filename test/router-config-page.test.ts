/**
 * docs/reference/router-config.md is made of the vendors and rules themselves: `UPDATE_GOLDEN=1 npx vitest run --project unit
 * test/router-config-page.test.ts` writes it anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CATALOGUE } from '../src/lint/catalogue.ts';
import type { DocumentedRule } from '../src/lint/rule.ts';
import { DIALECTS } from '../src/router-config/check/dialect.ts';
import { CHECK_RULES } from '../src/router-config/check/rules.ts';
import { ROUTER_RULES } from '../src/router-config/rules.ts';
import { VENDORS } from '../src/router-config/vendors/index.ts';

const PAGE = 'docs/reference/router-config.md';

const checked = new Set(DIALECTS.map(({ vendor }) => vendor));

const vendorRow = ({ name, title, evidence, mostPaths }: (typeof VENDORS)[number]): string =>
  `| \`${name}\` | ${title} | ${evidence.type === 'lab' ? `booted by ${evidence.software} in the lab` : `not run on a device; compared with ${evidence.source}`} | ${checked.has(name) ? 'yes' : 'no'} | ${mostPaths} |`;

const ruleText = ({ name, severity, summary, why, help }: DocumentedRule): string =>
  `### ${name}\n\n**${severity}**: ${summary}.\n\n${why}\n\n**What to do:** ${help}\n`;

const page = (): string => `# Router configuration: vendors and findings

Made from the source by \`test/router-config-page.test.ts\`. How the command is used: [router-config.md](../router-config.md).

## Vendors

| \`--vendor\` | written for | known to work | \`--check\` | equal paths at most |
| --- | --- | --- | --- | --- |
${VENDORS.map(vendorRow).join('\n')}

## What making a configuration may find

The place of these is in the manifests. With an error there is no configuration.

${ROUTER_RULES.map(ruleText).join('\n')}
## What \`--check\` may find

The place of these is in the running configuration; object and path say what asks for it. A severity may differ where the finding says why: a
shorter hold time is a warning, lengths that no advertisement uses are an info, FRR without a policy is an error.

${CHECK_RULES.map(ruleText).join('\n')}`;

it('says of each vendor and rule what the source says', () => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(PAGE, page());
  expect(readFileSync(PAGE, 'utf8')).toBe(page());
});

it('has names that no other rule has', () => {
  const names = [...CATALOGUE, ...ROUTER_RULES, ...CHECK_RULES].map(({ name }) => name);
  expect(names.length).toBe(new Set(names).size);
});
