/**
 * How a process gets into a container: namespaces by `nsenter` and `unshare`, the root file system by mounts, privileges by `capsh`.
 *
 *   nsenter (the Pod's network) → unshare (mounts, processes, IPC, host name) → a shell script (mounts) → capsh (root, privileges) → the program
 *
 * The root file system is an overlay: the image below, a tmpfs above. All mounts are in a mount namespace of the container's own, so they end with
 * its last process, and the program is process 1 of a process namespace, so all others end with it. What is not done: seccomp profiles, limits of
 * memory and CPU, user namespaces. It is a lab, no protection: a process that wants out gets out.
 */
import { posix } from 'node:path';
import { ContainerError } from './container-error.ts';
import type { Privileges } from './privileges.ts';
import { findProgram, resolveInRoot } from './root-path.ts';
import { shellQuote } from './shell-quote.ts';

export interface Mount {
  /** A file or directory of the machine. */
  readonly source: string;
  /** Where it is in the container. */
  readonly target: string;
  readonly readOnly: boolean;
  readonly isFile: boolean;
}

/** What every process of one container shares. */
export interface ContainerWorld {
  /** An empty directory of the machine, below which the container's file system is mounted. */
  readonly directory: string;
  readonly privileges: Privileges;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

export interface ContainerPlan extends ContainerWorld {
  /** A directory of the machine; the container cannot change it. */
  readonly image: string;
  readonly readOnlyRoot: boolean;
  readonly mounts: readonly Mount[];
  /** Left out: the node's own. */
  readonly hostname?: string;
  readonly argv: readonly string[];
}

/** The container's root, as the machine's programs see it in the container's mount namespace. */
const rootOf = ({ directory }: ContainerWorld): string => `${directory}/root`;

/**
 * The command line that the machine runs to become a program in the container; it must be in the container's mount namespace already.
 *
 * @param lookup - the root file system in which the program's name is looked up.
 * @throws {ContainerError} where there is no such program.
 */
export function becomeCommand(world: ContainerWorld, argv: readonly string[], lookup: string): readonly string[] {
  const { environment, privileges, workingDirectory } = world;
  const [name = '', ...args] = argv;
  const program = findProgram(lookup, name, environment.PATH ?? '');
  if (program === undefined)
    throw new ContainerError('CreateContainerError', `exec: "${name}": executable file not found in $PATH`);
  // capsh goes to the root directory; only a shell inside can go elsewhere.
  const [shell, rest] =
    workingDirectory === '/'
      ? [program, args]
      : ['/bin/sh', ['-c', 'cd "$0" && exec "$@"', workingDirectory, program, ...args]];
  const { dropped, uid, gid, noNewPrivileges } = privileges;
  return [
    ...['env', '-i', ...Object.entries(environment).map(([key, value]) => `${key}=${value}`)],
    // By its full path: the program's PATH is the container's.
    '/usr/sbin/capsh',
    `--chroot=${rootOf(world)}`,
    ...(dropped.length === 0 ? [] : [`--drop=${dropped.join(',')}`]),
    ...(noNewPrivileges ? ['--no-new-privs'] : []),
    ...(gid === 0 ? [] : [`--gid=${gid}`]),
    ...(uid === 0 ? [] : ['--groups=', `--uid=${uid}`]),
    `--shell=${shell}`,
    '--',
    ...rest,
  ];
}

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/**
 * The script that makes the container's file system and becomes its program.
 *
 * @throws {ContainerError} where there is no such program.
 */
export function startScript(plan: ContainerPlan): string {
  const { directory, image, readOnlyRoot, mounts, hostname, argv } = plan;
  return `set -eu
# 2 is where nsenter and unshare complain; 3 is the container's standard error.
exec 2>&3 3>&-
fs=${shellQuote(directory)}
mount -t tmpfs -o mode=0755 lab "$fs"
mkdir "$fs/upper" "$fs/work" "$fs/root"
mount -t overlay -o lowerdir=${shellQuote(image)},upperdir="$fs/upper",workdir="$fs/work" lab "$fs/root"
cd "$fs/root"
mkdir -p proc sys dev
mount -t proc lab proc
mount -t sysfs -o ro lab sys
mount -t tmpfs -o mode=0755,nosuid lab dev
for device in ${DEVICES.join(' ')}; do : > "dev/$device"; mount --bind "/dev/$device" "dev/$device"; done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 lab dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev lab dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
${[...mounts]
  .sort((a, b) => depth(a.target) - depth(b.target))
  .map((mount) => mountLines(mount, image))
  .join('')}${
  hostname === undefined ? '' : `echo ${shellQuote(hostname)} > /proc/sys/kernel/hostname\n`
}${readOnlyRoot ? 'mount -o remount,ro "$fs/root"\n' : ''}cd /
exec ${becomeCommand(plan, argv, image).map(shellQuote).join(' ')}
`;
}

/** A volume inside of another one is mounted after it. */
const depth = (path: string): number => path.split('/').filter((part) => part !== '').length;

function mountLines({ source, target, readOnly, isFile }: Mount, image: string): string {
  const at = `./${posix.relative('/', resolveInRoot(image, target))}`;
  const make = isFile
    ? `mkdir -p ${shellQuote(posix.dirname(at))}; [ -e ${shellQuote(at)} ] || : > ${shellQuote(at)}`
    : `mkdir -p ${shellQuote(at)}`;
  const protect = readOnly ? `mount -o remount,bind,ro ${shellQuote(at)}\n` : '';
  return `${make}\nmount --bind ${shellQuote(source)} ${shellQuote(at)}\n${protect}`;
}

/** The command line that begins a container with that script in that network namespace (a file). */
export function beginCommand(networkNamespace: string, script: string, ownHostname: boolean): readonly string[] {
  const own = ['--mount', '--ipc', '--pid', ...(ownHostname ? ['--uts'] : [])];
  const unshare = ['unshare', ...own, '--fork', '--kill-child=SIGKILL', '--propagation', 'private'];
  return ['nsenter', `--net=${networkNamespace}`, '--', ...unshare, '--', 'sh', script];
}

/** The command line that runs one more program in a container whose first process has this id. */
export function joinCommand(world: ContainerWorld, pid: number, argv: readonly string[]): readonly string[] {
  const enter = ['nsenter', '--target', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--'];
  return [...enter, ...becomeCommand(world, argv, `/proc/${pid}/root`)];
}
