/** Options that several commands have. */
import { InvalidArgumentError, Option } from 'commander';
import type { NodeSelectorsPolicy } from '../config/peer.ts';
import { LOG_LEVELS } from '../io/log-level.ts';
import { DEFAULT_PLAN_OPTIONS } from '../plan/snapshot.ts';

/** `--node-selectors all|any`, as a policy. */
export const nodeSelectorsOption = (): Option =>
  new Option(
    '--node-selectors <all|any>',
    'how several nodeSelectors of a BGPPeer combine, where it does not say so itself: all must match, or any is enough (as in MetalLB)',
  )
    .argParser((value): NodeSelectorsPolicy => {
      if (value === 'all') return 'All';
      if (value === 'any') return 'Any';
      throw new InvalidArgumentError('It is all or any.');
    })
    .default(DEFAULT_PLAN_OPTIONS.nodeSelectors, 'all');

export const namespaceOption = (): Option =>
  new Option('--namespace <name>', 'the namespace of the metallb.io objects').default(DEFAULT_PLAN_OPTIONS.namespace);

/** `-o`, with the forms that the command knows; the first is the default. */
export const outputOption = (forms: readonly [string, ...string[]]): Option =>
  new Option('-o, --output <form>', 'the form of the result').choices(forms).default(forms[0]);

export const logLevelOption = (): Option =>
  new Option('--log-level <level>', 'the least severe that is logged').choices([...LOG_LEVELS]).default('info');

/** A port as the value of an option. */
export function portOf(text: string): number {
  const port = Number(text);
  if (!/^[0-9]+$/.test(text) || port > 65_535) throw new InvalidArgumentError('must be a port, 0 to 65535');
  return port;
}

/** A number of things as the value of an option. */
export function countOf(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number, 0 or more');
  return Number(text);
}

export const INPUT_HELP =
  'files, folders (with all their *.yaml, *.yml and *.json) or - for standard input; YAML with several documents, JSON and lists';
