/** What a process of a container may do: capabilities, user, group, and whether it may gain more. */
import type { ContainerSpec, PodSpec } from './pod.ts';

export interface Privileges {
  /** Lower case, with `cap_`: those that nobody in the container can have. */
  readonly dropped: readonly string[];
  readonly uid: number;
  readonly gid: number;
  readonly noNewPrivileges: boolean;
}

/** capabilities(7), in the order of their numbers. */
const CAPABILITIES: readonly string[] = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST ' +
  'NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE ' +
  'SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG ' +
  'WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
).split(' ');

/** What containerd gives where a Pod says nothing. */
const DEFAULT = new Set(
  (
    'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL ' +
    'AUDIT_WRITE'
  ).split(' '),
);

/** A container's own securityContext comes before its Pod's; in one list of capabilities `add` comes after `drop`. */
export function privilegesOf(
  { securityContext: container = {} }: ContainerSpec,
  { securityContext: pod = {} }: Pick<PodSpec, 'securityContext'>,
): Privileges {
  const { add = [], drop = [] } = container.capabilities ?? {};
  const isKept = (name: string): boolean => {
    if (container.privileged === true || add.includes(name) || add.includes('ALL')) return true;
    return DEFAULT.has(name) && !drop.includes(name) && !drop.includes('ALL');
  };
  return {
    dropped: CAPABILITIES.filter((name) => !isKept(name)).map((name) => `cap_${name.toLowerCase()}`),
    uid: container.runAsUser ?? pod.runAsUser ?? 0,
    gid: container.runAsGroup ?? pod.runAsGroup ?? 0,
    noNewPrivileges: container.allowPrivilegeEscalation === false,
  };
}
