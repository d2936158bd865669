/** `metallb document`: the configuration as Markdown that people keep in Git. */
import { Command } from 'commander';
import { documentOf } from '../../document/document.ts';
import { plan } from '../../plan/plan.ts';
import { DEFAULT_PLAN_OPTIONS, type PlanOptions } from '../../plan/snapshot.ts';
import type { CommandContext } from '../io.ts';
import { load } from '../load.ts';
import { INPUT_HELP, namespaceOption, nodeSelectorsOption } from '../options.ts';
import { StreamWriter } from '../stream-writer.ts';
import { diagnosticsText } from '../text/diagnostics.ts';
import { styleFor } from '../text/style.ts';

interface Flags {
  readonly nodeSelectors: PlanOptions['nodeSelectors'];
  readonly ignoreExcludeLb?: boolean;
  readonly namespace: string;
}

const EXAMPLES = `
Examples:
  metallb document manifests/ > docs/bgp.md
  kubectl get nodes,ns,svc,ipaddresspools,bgppeers,bgpadvertisements,communities,bfdprofiles -A -o yaml | metallb document -

The same objects give the same text, so that a difference in Git is a change of the network.

Exit status: 0 no error; 1 at least one object has an error, and what it says is missing; 2 an input cannot be read or parsed.`;

/** Makes the command. */
export function documentCommand({ io, exit }: CommandContext): Command {
  return new Command('document')
    .description('write down AS numbers, addresses, communities, peering, preferences and procedures, as Markdown')
    .argument('<input...>', INPUT_HELP)
    .addOption(nodeSelectorsOption())
    .option('--ignore-exclude-lb', 'announce also from nodes with the label that excludes them')
    .addOption(namespaceOption())
    .addHelpText('after', EXAMPLES)
    .action(async (inputs: string[], { ignoreExcludeLb, ...flags }: Flags) => {
      const options = { ...DEFAULT_PLAN_OPTIONS, ...flags, ignoreExcludeLB: ignoreExcludeLb === true };
      const { snapshot, place } = await load(inputs, options, io);
      const errors = place(snapshot.findings.filter(({ severity }) => severity === 'error'));
      io.stderr.write(diagnosticsText(errors, styleFor(io.stderr, io.env)));
      const writer = new StreamWriter(io.stdout);
      writer.write(documentOf(plan(snapshot, options)));
      await writer.flush();
      exit(errors.length > 0 ? 1 : 0);
    });
}
