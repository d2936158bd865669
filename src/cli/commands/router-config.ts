/** `metallb router-config`: what the routers must hold, written for them or compared with what they run. */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { Finding } from '../../config/problem.ts';
import { reasonOf } from '../../io/manifest-files.ts';
import { MAX_PATHS_ANNOTATION } from '../../lint/rules/ecmp-wider-than-router.ts';
import { compareIp, formatIp } from '../../net/ip.ts';
import { plan } from '../../plan/plan.ts';
import { DEFAULT_PLAN_OPTIONS } from '../../plan/snapshot.ts';
import { buildRouters } from '../../router-config/build.ts';
import { checkRouter } from '../../router-config/check/check.ts';
import { DIALECTS } from '../../router-config/check/dialect.ts';
import type { RunningConfig } from '../../router-config/check/running.ts';
import { generate } from '../../router-config/generate.ts';
import type { Router } from '../../router-config/model.ts';
import { VENDORS } from '../../router-config/vendors/index.ts';
import type { Vendor } from '../../router-config/vendors/vendor.ts';
import { readAll } from '../input.ts';
import { CannotRunError, type CommandContext, type Io } from '../io.ts';
import { type Loaded, load } from '../load.ts';
import { INPUT_HELP, namespaceOption, nodeSelectorsOption, outputOption } from '../options.ts';
import { addressOf, countOf, prefixes, prefixOption, type RouterConfigFlags } from '../router-config/options.ts';
import { checkDiagnostic, hasError, writeCheck, writeConfigurationsJson } from '../router-config/report.ts';
import { StreamWriter } from '../stream-writer.ts';
import { diagnosticsText } from '../text/diagnostics.ts';
import { styleFor } from '../text/style.ts';

const EXAMPLES = `
Examples:
  metallb router-config --vendor frr --router 192.168.1.1 manifests/ > frr.conf
  metallb router-config --vendor ios-xe manifests/ nodes.yaml
  metallb router-config --vendor bird --listen-range 192.168.1.0/24 --show-passwords manifests/
  ssh router vtysh -c "'show running-config'" | metallb router-config --vendor frr --router 192.168.1.1 --check - manifests/
  kubectl get nodes,secrets,ipaddresspools,bgppeers,bgpadvertisements,communities,bfdprofiles -A -o yaml | metallb router-config --vendor vyos -

Only FRR and BIRD have booted what is written for them; the other vendors' text says so in its head.

Exit status: 0 no error; 1 at least one error, and no configuration; 2 an input cannot be read or parsed.`;

/** Makes the command. */
export function routerConfigCommand({ io, exit }: CommandContext): Command {
  return new Command('router-config')
    .description('write what the routers must hold for these objects, or check what they run')
    .argument('<input...>', INPUT_HELP)
    .addOption(
      new Option('--vendor <name>', 'the language of the configuration')
        .choices(VENDORS.map(({ name }) => name))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--router <address>', 'the router with this address alone (default: all)').argParser(addressOf),
    )
    .option('--check <file>', 'compare a running configuration (frr, ios-xe, vyos; - for standard input)')
    .option('--show-passwords', 'write the MD5 keys instead of placeholders')
    .addOption(
      new Option(
        '--listen-range <prefix>',
        'take whoever dials from here, instead of each Node by its address',
      ).argParser(prefixOption),
    )
    .addOption(new Option('--max-neighbors <number>', 'how many neighbors the router takes').argParser(countOf))
    .addOption(
      new Option(
        '--subnet <prefix>',
        'a subnet that nodes and routers share (default: a guess, /24 and /64); may be given again',
      ).argParser(prefixes),
    )
    .addOption(outputOption(['text', 'json', 'sarif']))
    .addOption(nodeSelectorsOption())
    .addOption(namespaceOption())
    .addHelpText('after', EXAMPLES)
    .action(async (inputs: string[], flags: RouterConfigFlags) => exit(await run(inputs, flags, io)));
}

async function run(inputs: readonly string[], flags: RouterConfigFlags, io: Io): Promise<0 | 1> {
  const vendor = VENDORS.find(({ name }) => name === flags.vendor);
  if (vendor === undefined) throw new CannotRunError(`--vendor: ${flags.vendor} is unknown`);
  if (flags.output === 'sarif' && flags.check === undefined)
    throw new CannotRunError('-o sarif is for --check: a configuration has the forms text and json');
  const running = flags.check === undefined ? null : await readRunning(flags.check, inputs, vendor, io);
  const loaded = await load(inputs, { ...DEFAULT_PLAN_OPTIONS, ...flags }, io);
  const { routers, findings } = routersOf(loaded, flags);
  // Half of what is meant is worse than nothing: with an error, there is no configuration.
  const chosen = hasError(findings) ? [] : chosenOf(routers, flags, running);
  if (running === null || hasError(findings)) return await writeAll(chosen, vendor, findings, loaded, flags, io);
  const dialect = DIALECTS.find((one) => one.vendor === vendor.name);
  const [router] = chosen;
  if (dialect === undefined || router === undefined)
    throw new CannotRunError('--check: there is no router to compare with');
  const writer = new StreamWriter(io.stdout);
  const found = checkRouter({ router, config: running, dialect, vendor, namespace: flags.namespace });
  const diagnostics = found.map((one) => checkDiagnostic(one, flags.check === '-' ? '<stdin>' : (flags.check ?? '')));
  const result = { router, vendor, passedOver: running.unknownLines, diagnostics };
  await writeCheck(writer, flags.output, result, styleFor(io.stdout, io.env));
  await writer.flush();
  return hasError(found) ? 1 : 0;
}

async function readRunning(file: string, inputs: readonly string[], vendor: Vendor, io: Io): Promise<RunningConfig> {
  const dialect = DIALECTS.find((one) => one.vendor === vendor.name);
  if (dialect === undefined)
    throw new CannotRunError(
      `--check reads configurations of ${DIALECTS.map((one) => one.vendor).join(', ')}, not of ${vendor.name}`,
    );
  if (file === '-' && inputs.includes('-')) throw new CannotRunError('standard input (-) is given twice');
  try {
    // Not strictly UTF-8: what people write in descriptions matters to nobody here.
    return dialect.parse(new TextDecoder().decode(file === '-' ? await readAll(io) : readFileSync(file)));
  } catch (error) {
    throw new CannotRunError(`${file}: ${reasonOf(error)}`);
  }
}

/** Objects of which a router's configuration is made: an error in one of them would leave out a part of it. */
const CONCERNED = new Set([
  'IPAddressPool',
  'BGPPeer',
  'BGPAdvertisement',
  'Community',
  'BFDProfile',
  'Node',
  'Secret',
]);

function routersOf({ snapshot, objects }: Loaded, flags: RouterConfigFlags) {
  const errors = snapshot.findings.filter(
    ({ severity, object }) => severity === 'error' && (object === null || CONCERNED.has(object.kind)),
  );
  const pathsOf = (peer: string): number | null => {
    const object = objects.find(({ kind, metadata }) => kind === 'BGPPeer' && metadata.name === peer);
    const text = object?.metadata.annotations[MAX_PATHS_ANNOTATION] ?? '';
    return /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : null;
  };
  const built = buildRouters(plan(snapshot, { ...DEFAULT_PLAN_OPTIONS, ...flags }), {
    listenRange: flags.listenRange ?? null,
    maxNeighbors: flags.maxNeighbors ?? null,
    subnets: flags.subnet ?? [],
    pathsOf,
  });
  return { routers: built.routers, findings: [...errors, ...built.findings] };
}

/** The routers that are asked for; with --check the one that the running configuration is of. */
function chosenOf(
  routers: readonly Router[],
  { router }: RouterConfigFlags,
  running: RunningConfig | null,
): readonly Router[] {
  const known = routers.map(({ address }) => formatIp(address)).join(', ');
  if (router !== undefined) {
    const found = routers.filter(({ address }) => compareIp(address, router) === 0);
    if (found.length === 0)
      throw new CannotRunError(`--router: no BGPPeer has the address ${formatIp(router)} (there are ${known})`);
    return found;
  }
  if (running === null || routers.length === 1) return routers;
  const found = routers.filter(({ address }) => formatIp(address) === running.routerId?.value);
  if (found.length === 1) return found;
  throw new CannotRunError(`--check: say which router it is with --router (${known})`);
}

async function writeAll(
  routers: readonly Router[],
  vendor: Vendor,
  findings: readonly Finding[],
  loaded: Loaded,
  flags: RouterConfigFlags,
  io: Io,
): Promise<0 | 1> {
  const options = { vendor, showPasswords: flags.showPasswords === true, namespace: flags.namespace };
  const written = routers.map((router) => ({ router, generated: generate(router, options) }));
  const all = [...findings, ...written.flatMap(({ generated }) => generated.findings)];
  const failed = hasError(all);
  const diagnostics = loaded.place(all);
  const writer = new StreamWriter(io.stdout);
  if (flags.output === 'json') await writeConfigurationsJson(writer, failed ? [] : written, vendor, diagnostics);
  else {
    io.stderr.write(diagnosticsText(diagnostics, styleFor(io.stderr, io.env)));
    if (!failed) writer.write(written.map(({ generated }) => generated.text ?? '').join('\n'));
  }
  await writer.flush();
  return failed ? 1 : 0;
}
