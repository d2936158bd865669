/**
 * Primary and backup as the lab shows them: as the guide writes it, with the alias alone, with a longer AS path, and with the generated router
 * configuration. Each step waits for what it shows and fails when it does not come.
 */
import { NODES, SERVICE_ADDRESS, SERVICE_PREFIX } from '../guide.ts';
import { tryRun } from '../run.ts';
import type { Sandbox } from '../sandbox.ts';
import { metallbCommand } from '../speaker.ts';
import { heading, indent, type Print, table } from '../text.ts';
import { generatedText, routerConfigCommand } from './generated.ts';
import { ALIAS, BFD, type Edit, editText, PREPEND, ROUTER_BACKUP, SHORT_TIMERS, writeManifests } from './manifests.ts';
import { PathNetwork } from './network.ts';
import { after, failuresAndReturns, type Phase, quiet } from './phases.ts';
import { PROBES_PER_SECOND } from './probes.ts';
import { BACKUP, guideText, type PathRouter, PRIMARY, type Software } from './routers.ts';

const PATIENCE_MS = 60_000;

/** What happens to whom; the sandbox is one for each network. */
export async function showPrimaryBackup(newSandbox: () => Sandbox, print: Print): Promise<void> {
  await showUntouchedRouters(newSandbox(), print);
  await showGeneratedRouters(newSandbox(), print);
}

/** The routers run what the guide prints; only manifests change. */
async function showUntouchedRouters(sandbox: Sandbox, print: Print): Promise<void> {
  const network = await PathNetwork.build(sandbox, {
    primary: { software: 'frr', text: guideText(PRIMARY, 'frr') },
    backup: { software: 'bird', text: guideText(BACKUP, 'bird') },
  });
  await withLastWords(network, print, async () => {
    showNetwork(network, print);

    print(heading('1. As the guide writes it'));
    print('The guide names a peer router-backup and never defines it. The lab supplies it:\n');
    print(indent(ROUTER_BACKUP.trim()));
    const folder = await startOn(sandbox, network, 'as-the-guide-writes-it', []);
    print('\nmetallb lint says of the two advertisements:\n');
    print(indent(await lintOfAdvertisements(folder)));
    await network.untilAllPaths(PATIENCE_MS);
    await network.untilCoreUses([PRIMARY], PATIENCE_MS);
    print(`\nrouter-backup has the route and keeps it for itself, as no-advertise asks. What the core has:\n`);
    print(indent((await network.core.pathsText(SERVICE_PREFIX)).trim()));
    print('');
    showPhases(
      [
        await quiet(network, 'both paths are there', 3_000),
        await after(network, "the primary's link loses the carrier", () => network.carrier('down'), 5_000),
      ],
      print,
    );
    print('\nThere is no backup: what the primary path carried is lost as long as it is away.');
    await network.carrier('up');
    await network.stopSpeakers();

    print(heading('2. The alias alone'));
    await startOn(sandbox, network, 'alias', ALIAS, print);
    await network.untilAllPaths(PATIENCE_MS);
    await network.untilCoreUses([PRIMARY, BACKUP], PATIENCE_MS);
    print('\nlocalPref 200 and 100 are not sent to another AS, and the routers set 100 for all. What the core has:\n');
    print(indent((await network.core.pathsText(SERVICE_PREFIX)).trim()));
    print('');
    showPhases([await quiet(network, 'both paths are there', 3_000)], print);
    print('\nBoth paths carry traffic: neither is primary.');
    await network.stopSpeakers();

    print(heading('3. A longer AS path, routers untouched'));
    await startOn(sandbox, network, 'prepend', [...ALIAS, ...PREPEND, ...SHORT_TIMERS], print);
    await network.untilAllPaths(PATIENCE_MS);
    await network.untilCoreUses([PRIMARY], PATIENCE_MS);
    print('\nThe routers have no BFD, so the hold time decides about a silent loss.\n');
    await showAllPhases(network, print);
    await network.stopSpeakers();
  });
}

/** The routers run what `metallb router-config` writes. */
async function showGeneratedRouters(sandbox: Sandbox, print: Print): Promise<void> {
  const edits = [...ALIAS, ...BFD];
  const folder = sandbox.subdirectory('generated');
  writeManifests(folder, edits);
  const textOf = (router: PathRouter, software: Software) => generatedText(router, software, folder);
  const network = await PathNetwork.build(sandbox, {
    primary: { software: 'frr', text: await textOf(PRIMARY, 'frr') },
    backup: { software: 'bird', text: await textOf(BACKUP, 'bird') },
  });
  await withLastWords(network, print, async () => {
    print(heading('4. The generated router configuration'));
    print(indent(editText(edits)));
    for (const [router, software] of [
      [PRIMARY, 'frr'],
      [BACKUP, 'bird'],
    ] as const) {
      const text = await textOf(router, software);
      print(
        `\n${routerConfigCommand(router, software).join(' ')} writes ${text.trim().split('\n').length} lines, booted unchanged. Of localPref:\n`,
      );
      print(indent(text.split('\n').filter(isAboutPreference).join('\n')));
    }
    network.startSpeakers(folder);
    await network.untilAllPaths(PATIENCE_MS);
    await network.untilCoreUses([PRIMARY], PATIENCE_MS);
    for (const router of [network.primary, network.backup]) {
      const up = await network.untilBfdUp(router, PATIENCE_MS);
      print(`\n${router.name} (${router.software}): BFD Up with ${up.join(', ')}.`);
    }
    print('\nWhat the core has:\n');
    print(indent((await network.core.pathsText(SERVICE_PREFIX)).trim()));
    print('');
    await showAllPhases(network, print);
  });
}

/** Writes the manifests and starts the speakers on them; says what was changed. */
async function startOn(
  sandbox: Sandbox,
  network: PathNetwork,
  name: string,
  edits: readonly Edit[],
  print: Print = () => {},
): Promise<string> {
  const folder = sandbox.subdirectory(name);
  writeManifests(folder, edits);
  print(indent(editText(edits)));
  network.startSpeakers(folder);
  return folder;
}

function showNetwork(network: PathNetwork, print: Print): void {
  print(heading('The network'));
  print(
    table([
      ['NAME', 'ADDRESS', 'WHAT'],
      [PRIMARY.name, PRIMARY.address, `${network.primary.software}; the guide's frr.conf as printed`],
      [BACKUP.name, BACKUP.address, `${network.backup.software}; the same in BIRD's language`],
      ['core', '198.51.100.254', `${network.core.software}; AS 64512 like both routers, internal sessions with them`],
      ...NODES.map(({ name, address }) => [name, address, 'speaker; answers the probes']),
      ['client', '203.0.113.100', `beyond the core; ${PROBES_PER_SECOND} UDP probes a second to ${SERVICE_ADDRESS}`],
    ]),
  );
  print('\nAnswers take a way of their own, so that what is lost is lost on the way in.');
}

async function showAllPhases(network: PathNetwork, print: Print): Promise<void> {
  const phases: Phase[] = [];
  for await (const phase of failuresAndReturns(network)) phases.push(phase);
  showPhases(phases, print);
}

function showPhases(phases: readonly Phase[], print: Print): void {
  const rows = phases.map(({ name, settledOn, settledAfterMs, passage: { sent, lost, through, longestGapMs } }) => [
    name,
    settledOn ?? (Object.keys(through).length === 0 ? 'none' : 'both'),
    settledAfterMs === null ? '' : `${(settledAfterMs / 1_000).toFixed(1)} s`,
    `${through[PRIMARY.name] ?? 0}`,
    `${through[BACKUP.name] ?? 0}`,
    `${sent}`,
    `${lost}`,
    `${longestGapMs} ms`,
  ]);
  print(table([['PHASE', 'PATH IN THE END', 'AFTER', 'PRIMARY', 'BACKUP', 'SENT', 'LOST', 'LONGEST GAP'], ...rows]));
}

const isAboutPreference = (line: string): boolean =>
  /localPref|match community METALLB-COMMUNITY|set local-preference (?!0$)|bgp_local_pref = (?!0;)/.test(line);

/** The findings of the advertisements, as lint prints them. */
async function lintOfAdvertisements(folder: string): Promise<string> {
  const { stdout } = await tryRun(metallbCommand('lint', folder));
  const lines = stdout.replaceAll(`${folder}/`, '').split('\n');
  // A finding is a line at the margin and what is indented below it.
  const findings = lines.join('\n').split(/\n(?=\S)/);
  return findings.filter((finding) => finding.startsWith('primary-backup-advertisements.yaml')).join('\n');
}

async function withLastWords(network: PathNetwork, print: Print, show: () => Promise<void>): Promise<void> {
  try {
    await show();
  } catch (error) {
    print(`\nThis did not happen. The last words of the speakers:\n\n${await network.lastWords()}`);
    throw error;
  }
}
