/** `metallb lint`: what the cluster would refuse, and what is most likely not meant, without a cluster. */
import { Command } from 'commander';
import { lint } from '../../lint/lint.ts';
import { plan } from '../../plan/plan.ts';
import { DEFAULT_PLAN_OPTIONS, type PlanOptions } from '../../plan/snapshot.ts';
import type { CommandContext, Io } from '../io.ts';
import { explanationText, ruleNamed, rulesJson, rulesText } from '../lint/rules-text.ts';
import { writeSarif } from '../lint/sarif.ts';
import { load } from '../load.ts';
import { INPUT_HELP, namespaceOption, nodeSelectorsOption, outputOption } from '../options.ts';
import { writeJsonArray } from '../plan-json.ts';
import { StreamWriter } from '../stream-writer.ts';
import { diagnosticsText, tallyText } from '../text/diagnostics.ts';
import { type Style, styleFor } from '../text/style.ts';
import { version } from '../version.ts';

interface Flags {
  readonly output: 'text' | 'json' | 'sarif';
  readonly nodeSelectors: PlanOptions['nodeSelectors'];
  readonly namespace: string;
  readonly list?: true | undefined;
  readonly explain?: string | undefined;
}

const EXAMPLES = `
Examples:
  metallb lint config.yaml
  metallb lint deploy/ -o sarif > lint.sarif
  metallb lint --list
  metallb lint --explain local-pref-on-ebgp
  kubectl get ipaddresspools,bgppeers,bgpadvertisements,communities,nodes,svc,endpointslices -A -o yaml | metallb lint -

Give the Nodes, Namespaces and Services too, where you have them: some rules need them.

A warning or info that is meant is silenced by a YAML comment above the object or the field:
  # metallb-lint-disable RULE reason

Exit status: 0 no error; 1 at least one error; 2 an input cannot be read or parsed.`;

/** Makes the command. */
export function lintCommand({ io, exit }: CommandContext): Command {
  return new Command('lint')
    .description('check metallb.io objects: what a cluster would refuse, and what works but is hardly meant')
    .argument('[input...]', INPUT_HELP)
    .addOption(outputOption(['text', 'json', 'sarif']))
    .addOption(nodeSelectorsOption())
    .addOption(namespaceOption())
    .option('--list', 'print all rules, and read no input')
    .option('--explain <rule>', 'print what a rule finds and why, with examples, and read no input')
    .addHelpText('after', EXAMPLES)
    .action(async (inputs: string[], { output, list, explain, ...flags }: Flags) => {
      const writer = new StreamWriter(io.stdout);
      const style = styleFor(io.stdout, io.env);
      const words = wordsOf({ output, list, explain }, style);
      if (words !== null) {
        writer.write(words);
        await writer.flush();
        return;
      }
      exit(await report(inputs, { ...DEFAULT_PLAN_OPTIONS, ...flags }, output, io, writer, style));
    });
}

/** What is asked about the rules themselves; null where inputs are to be checked. */
function wordsOf({ output, list, explain }: Pick<Flags, 'output' | 'list' | 'explain'>, style: Style): string | null {
  if (explain !== undefined) return explanationText(ruleNamed(explain), style);
  if (list === true) return output === 'text' ? rulesText(style) : rulesJson();
  return null;
}

async function report(
  inputs: readonly string[],
  options: PlanOptions,
  output: Flags['output'],
  io: Io,
  writer: StreamWriter,
  style: Style,
): Promise<0 | 1> {
  const { snapshot, objects, judge } = await load(inputs, options, io);
  const { diagnostics, silenced } = judge(lint(plan(snapshot, options), objects));
  switch (output) {
    case 'json':
      writer.write('{\n  "diagnostics": ');
      await writeJsonArray(writer, diagnostics, '  ');
      writer.write('\n}\n');
      break;
    case 'sarif':
      await writeSarif(writer, diagnostics, silenced, version());
      break;
    case 'text':
      writer.write(diagnosticsText(diagnostics, style));
      writer.write(
        `${diagnostics.length > 0 ? '\n' : ''}${tallyText(diagnostics, style)}${silencedText(silenced.length)}\n`,
      );
      break;
  }
  await writer.flush();
  return diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
}

const silencedText = (count: number): string => (count === 0 ? '' : ` (and ${count} silenced by comments)`);
