/**
 * The programs of others that the lab needs, and their installation from Debian's packages.
 *
 * While apt works, no service may start: the lab runs its own daemons in its own namespaces, and the machine shall not become a
 * router. Debian asks /usr/sbin/policy-rc.d about that; what was there before is put back whatever happens.
 */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './run.ts';

/** Debian packages, each with the programs that must be there; a path is looked up as it is, a name on PATH. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  frr: ['/usr/lib/frr/zebra', '/usr/lib/frr/bgpd', 'vtysh'],
  bird2: ['bird', 'birdc'],
  gobgpd: ['gobgpd', 'gobgp'],
  exabgp: ['exabgp'],
  tshark: ['tshark'],
  iproute2: ['ip'],
  nftables: ['nft'],
  curl: ['curl'],
  openssl: ['openssl'],
  'libcap2-bin': ['/usr/sbin/capsh'],
  binutils: ['strip'],
  'iputils-ping': ['ping'],
  'netcat-openbsd': ['nc'],
};

/** What `npm run lab` needs. */
export const LAB_PACKAGES: readonly string[] = ['frr', 'bird2', 'iproute2', 'nftables', 'curl'];

/** What all interoperability tests together need. */
export const TEST_PACKAGES: readonly string[] = [
  ...LAB_PACKAGES,
  ...['gobgpd', 'exabgp', 'tshark'],
  // The cluster: what its kubelets use, and what the guide looks for in a speaker.
  ...['openssl', 'libcap2-bin', 'iputils-ping', 'netcat-openbsd', 'binutils'],
];

/** Daemons and `ip` are in the system directories, which a user's PATH need not name. */
const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Puts the system directories on this process's PATH, and so on that of all it starts. */
export function reachSystemPrograms(environment: NodeJS.ProcessEnv): void {
  environment.PATH = [...(environment.PATH ?? '').split(delimiter), ...SYSTEM_DIRECTORIES].join(delimiter);
}

/** Those of the packages whose programs are not all there. */
export function missingPackages(names: readonly string[], path: string): readonly string[] {
  const directories = path.split(delimiter);
  const isThere = (program: string): boolean =>
    program.startsWith('/')
      ? existsSync(program)
      : directories.some((directory) => isExecutable(join(directory, program)));
  return names.filter((name) => !(PROGRAMS[name] ?? []).every(isThere));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Why packages cannot be installed here; undefined when they can. */
export function installObstacle(path: string): string | undefined {
  const isApt = path.split(delimiter).some((directory) => isExecutable(join(directory, 'apt-get')));
  if (!isApt) return 'apt-get is not there (this is no Debian or Ubuntu)';
  return process.getuid?.() === 0 ? undefined : 'only root can install packages';
}

/** @throws {CommandError} with apt's own words. */
export async function installPackages(names: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const timeoutMs = 15 * 60_000;
  const restore = denyServiceStarts();
  try {
    await run(['apt-get', 'update', '-q'], { env, timeoutMs });
    await run(['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...names], { env, timeoutMs });
  } finally {
    restore();
  }
}

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_ASIDE = `${POLICY}.metallb-ts-aside`;
const OUR_POLICY = '#!/bin/sh\n# metallb-ts: no service is started while its packages are installed\nexit 101\n';

/** Puts our policy in place, the machine's own aside; returns what puts that back. Also mends what a killed run left behind. */
function denyServiceStarts(): () => void {
  const before = lstatSync(POLICY, { throwIfNoEntry: false });
  const isOurs = before?.isFile() === true && readFileSync(POLICY, 'utf8') === OUR_POLICY;
  // Moved, not copied: it keeps owner and mode, and may be a link.
  if (before !== undefined && !isOurs) renameSync(POLICY, POLICY_ASIDE);
  writeFileSync(POLICY, OUR_POLICY);
  chmodSync(POLICY, 0o755);
  const restore = (): void => {
    process.off('exit', restore);
    rmSync(POLICY, { force: true });
    if (lstatSync(POLICY_ASIDE, { throwIfNoEntry: false }) !== undefined) renameSync(POLICY_ASIDE, POLICY);
  };
  process.on('exit', restore);
  return restore;
}
