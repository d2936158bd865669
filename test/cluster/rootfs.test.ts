/** The image's root file system, assembled of Debian's packages, and its programs run with it as their root. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assembleRootfs, type Rootfs } from '../../deploy/image/rootfs.ts';
import { titled } from '../../lab/requirements.ts';
import { type Finished, tryRun } from '../../lab/run.ts';

/** Of the image as a whole. */
const MAX_BYTES = 150e6;

async function obstacleOf(): Promise<string | undefined> {
  for (const tool of ['apt-get', 'dpkg-deb', 'strip'])
    if ((await tryRun(['sh', '-c', 'command -v "$0"', tool])).status !== 0) return `${tool} is not installed`;
  const { status, stderr } = await tryRun(['unshare', '-r', 'chroot', '/', 'true']);
  return status === 0 ? undefined : `unshare -r is not allowed here: ${stderr.trim()}`;
}

const obstacle = await obstacleOf();

describe.skipIf(obstacle !== undefined)(titled("the image's root file system", obstacle), () => {
  const directory = mkdtempSync(join(tmpdir(), 'metallb-rootfs-'));
  let rootfs: Rootfs;
  const inside = (...argv: readonly string[]): Promise<Finished> =>
    tryRun(['unshare', '-r', 'chroot', directory, ...argv], { env: { NODE_EXTRA_CA_CERTS: '' } });

  beforeAll(async () => {
    rootfs = await assembleRootfs(directory, process.env);
    cpSync('examples/guide', join(directory, 'tmp/guide'), { recursive: true });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is small, Node.js being most of it', () => {
    expect(rootfs.bytes).toBeLessThan(MAX_BYTES);
    expect(rootfs.contents[0]?.name).toMatch(/^Node\.js 26\./);
    const [node] = rootfs.contents;
    console.log(`${(rootfs.bytes / 1e6).toFixed(1)} MB, ${((node?.bytes ?? 0) / 1e6).toFixed(1)} MB of it Node.js`);
  });

  it('runs metallb', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    expect(await inside('/usr/bin/metallb', '--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    for (const command of ['controller', 'speaker'])
      expect(await inside('/usr/bin/metallb', command, '--help')).toMatchObject({ status: 0, stderr: '' });
    const guide = ['multi-router', 'test-service', 'cluster'].map((chapter) => `/tmp/guide/${chapter}`);
    expect(await inside('/usr/bin/metallb', 'plan', ...guide)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/default\/nginx-lb +Assigned +10\.100\.0\.1/),
    });
  });

  it("has koffi's addon, for the kernel's errors by name", async () => {
    const script = "process.stdout.write(String(require('@koromix/koffi-linux-' + process.arch).os.errno.EADDRINUSE))";
    const resolve = ['sh', '-c', `cd /usr/lib/metallb && node -e "${script}"`];
    expect(await inside(...resolve)).toMatchObject({ status: 0, stdout: '98' });
  });

  it.each([
    [['ping', '-V'], /^ping from iputils/],
    [['nc', '-h'], /^OpenBSD netcat/],
    [['sh', '-c', 'grep "^bgp" /etc/services; id -u'], /^bgp\s+179\/tcp/],
  ])("has the tools of the guide's troubleshooting: %j", async (argv, wanted) => {
    const { status, stdout, stderr } = await inside(...argv);
    expect([status, stdout + stderr]).toEqual([0, expect.stringMatching(wanted)]);
  });
});
