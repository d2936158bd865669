/** `metallb lint`: what the cluster would refuse, and what is most likely not meant, without a cluster. */
import { Command } from 'commander';
import { lint } from '../../lint/lint.ts';
import { plan } from '../../plan/plan.ts';
import { DEFAULT_PLAN_OPTIONS, type PlanOptions } from '../../plan/snapshot.ts';
import type { CommandContext } from '../io.ts';
import { load } from '../load.ts';
import { INPUT_HELP, namespaceOption, nodeSelectorsOption, outputOption } from '../options.ts';
import { writeJsonArray } from '../plan-json.ts';
import { StreamWriter } from '../stream-writer.ts';
import { diagnosticsText, tallyText } from '../text/diagnostics.ts';
import { styleFor } from '../text/style.ts';

interface Flags {
  readonly output: 'text' | 'json';
  readonly nodeSelectors: PlanOptions['nodeSelectors'];
  readonly namespace: string;
}

const EXAMPLES = `
Examples:
  metallb lint config.yaml
  metallb lint deploy/ -o json
  kubectl get ipaddresspools,bgppeers,bgpadvertisements,communities -A -o yaml | metallb lint -

Give the Nodes and Services too, where you have them: some rules need them.

Exit status: 0 no error; 1 at least one error; 2 an input cannot be read or parsed.`;

/** Makes the command. */
export function lintCommand({ io, exit }: CommandContext): Command {
  return new Command('lint')
    .description('check metallb.io objects: what a cluster would refuse, and what works but is hardly meant')
    .argument('<input...>', INPUT_HELP)
    .addOption(outputOption(['text', 'json']))
    .addOption(nodeSelectorsOption())
    .addOption(namespaceOption())
    .addHelpText('after', EXAMPLES)
    .action(async (inputs: string[], { output, ...flags }: Flags) => {
      const options = { ...DEFAULT_PLAN_OPTIONS, ...flags };
      const { snapshot, locate } = await load(inputs, options, io);
      const diagnostics = locate(lint(plan(snapshot, options)));
      const writer = new StreamWriter(io.stdout);
      if (output === 'json') {
        writer.write('{\n  "diagnostics": ');
        await writeJsonArray(writer, diagnostics, '  ');
        writer.write('\n}\n');
      } else {
        const style = styleFor(io.stdout, io.env);
        writer.write(diagnosticsText(diagnostics, style));
        writer.write(`${diagnostics.length > 0 ? '\n' : ''}${tallyText(diagnostics, style)}\n`);
      }
      await writer.flush();
      exit(diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0);
    });
}
