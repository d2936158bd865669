/** `metallb plan`: what the controller and the speakers would do with these objects. */
import { Command } from 'commander';
import { lint } from '../../lint/lint.ts';
import { plan } from '../../plan/plan.ts';
import type { PlanOptions } from '../../plan/snapshot.ts';
import { compared } from '../compared.ts';
import { explained } from '../explained.ts';
import { CannotRunError, type CommandContext } from '../io.ts';
import { type Diagnostic, load } from '../load.ts';
import { INPUT_HELP, namespaceOption, nodeSelectorsOption, outputOption } from '../options.ts';
import { writePlanJson, writePlanYaml } from '../plan-json.ts';
import { StreamWriter } from '../stream-writer.ts';
import { writePlanText } from '../text/plan-text.ts';
import { styleFor } from '../text/style.ts';

interface Flags {
  readonly output: 'text' | 'json' | 'yaml';
  readonly nodeSelectors: PlanOptions['nodeSelectors'];
  readonly lbClass?: string;
  readonly ignoreExcludeLb?: boolean;
  readonly namespace: string;
  readonly explain?: string;
  readonly diff?: boolean;
}

const EXAMPLES = `
Examples:
  metallb plan config.yaml services.yaml nodes.yaml
  metallb plan manifests/ -o json | jq '.announcements.bgp[] | select(.node == "node1")'
  metallb plan manifests/ --explain default/web
  metallb plan --diff old/ new/ cluster.yaml
  kubectl get nodes,ns,svc,endpointslices,ipaddresspools,bgppeers,bgpadvertisements,communities -A -o yaml | metallb plan -

Without any Node the addresses are planned and nothing is announced; a Service without EndpointSlices has no endpoints.
The text groups and counts; -o json and -o yaml have every row.

Exit status: 0 no error; 1 at least one error; 2 an input cannot be read or parsed.`;

/** Makes the command. */
export function planCommand({ io, exit }: CommandContext): Command {
  return new Command('plan')
    .description('show which Service gets which address, and which node announces it to which router')
    .argument('<input...>', INPUT_HELP)
    .addOption(outputOption(['text', 'json', 'yaml']))
    .addOption(nodeSelectorsOption())
    .option('--lb-class <name>', 'serve the Services of this loadBalancerClass only (default: those without one)')
    .option('--ignore-exclude-lb', 'announce also from nodes with the label that excludes them')
    .addOption(namespaceOption())
    .option('--explain <namespace/name>', 'say why this Service has its address, and why each node announces it or not')
    .option('--diff', 'compare the first two inputs (BEFORE AFTER); further inputs belong to both')
    .addHelpText('after', EXAMPLES)
    .action(async (inputs: string[], flags: Flags) => {
      const options: PlanOptions = {
        nodeSelectors: flags.nodeSelectors,
        lbClass: flags.lbClass ?? null,
        ignoreExcludeLB: flags.ignoreExcludeLb === true,
        namespace: flags.namespace,
      };
      const failedIf = (diagnostics: readonly Diagnostic[]): void =>
        exit(diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0);
      if (flags.diff === true) {
        if (flags.explain !== undefined) throw new CannotRunError('--diff and --explain exclude each other');
        return failedIf(await compared(inputs, flags.output, options, io));
      }
      const { snapshot, objects, locate } = await load(inputs, options, io);
      const planned = plan(snapshot, options);
      const diagnostics = locate(lint(planned, objects));
      const writer = new StreamWriter(io.stdout);
      if (flags.explain !== undefined) {
        writer.write(explained(planned, flags.explain, flags.output, objects, styleFor(io.stdout, io.env)));
        await writer.flush();
        return failedIf(diagnostics);
      }
      const write = { text: writePlanText(styleFor(io.stdout, io.env)), json: writePlanJson, yaml: writePlanYaml };
      const counts = await write[flags.output](writer, planned, diagnostics);
      if (flags.output !== 'text')
        io.stderr.write(
          `rows: ${Object.entries(counts)
            .map(([kind, count]) => `${kind} ${count}`)
            .join(', ')}\n`,
        );
      failedIf(diagnostics);
    });
}
