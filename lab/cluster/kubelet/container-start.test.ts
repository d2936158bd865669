import { expect, it } from 'vitest';
import { becomeCommand, type ContainerPlan, startScript } from './container-start.ts';

const plan: ContainerPlan = {
  directory: '/pods/u/c/fs',
  image: '/',
  readOnlyRoot: true,
  mounts: [
    { source: '/pods/u/inner', target: '/data/inner', readOnly: true, isFile: false },
    { source: '/pods/u/outer', target: '/data', readOnly: false, isFile: false },
  ],
  hostname: 'pod',
  argv: ['/bin/echo', "it's"],
  environment: { PATH: '/bin', KEY: 'a b' },
  privileges: { dropped: ['cap_sys_admin'], uid: 0, gid: 0, noNewPrivileges: true },
  workingDirectory: '/',
};

it('mounts a volume inside of another one after it', () => {
  const script = startScript(plan);
  const lines = script.split('\n').filter((line) => line.startsWith("mount --bind '/pods"));
  expect(lines).toEqual(["mount --bind '/pods/u/outer' './data'", "mount --bind '/pods/u/inner' './data/inner'"]);
  expect(script).toContain("mount -o remount,bind,ro './data/inner'\n");
  expect(script).not.toContain("mount -o remount,bind,ro './data'\n");
});

it('closes the root file system when all is mounted, and quotes what it runs', () => {
  const lines = startScript(plan).trimEnd().split('\n');
  expect(lines.at(-3)).toBe('mount -o remount,ro "$fs/root"');
  expect(lines.at(-1)).toBe(
    "exec 'env' '-i' 'PATH=/bin' 'KEY=a b' '/usr/sbin/capsh' '--chroot=/pods/u/c/fs/root' " +
      "'--drop=cap_sys_admin' '--no-new-privs' '--shell=/bin/echo' '--' 'it'\\''s'",
  );
});

it('gives up groups before the user, and goes to the working directory by a shell', () => {
  const privileges = { dropped: [], uid: 65_534, gid: 65_533, noNewPrivileges: false };
  expect(becomeCommand({ ...plan, privileges, workingDirectory: '/data' }, ['/bin/echo', 'x'], '/').slice(4)).toEqual([
    '/usr/sbin/capsh',
    '--chroot=/pods/u/c/fs/root',
    '--gid=65533',
    '--groups=',
    '--uid=65534',
    '--shell=/bin/sh',
    '--',
    '-c',
    'cd "$0" && exec "$@"',
    '/data',
    '/bin/echo',
    'x',
  ]);
});

it('says which program there is not', () => {
  expect(() => becomeCommand(plan, ['no-such-program'], '/')).toThrow(
    'exec: "no-such-program": executable file not found in $PATH',
  );
});
