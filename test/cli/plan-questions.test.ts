/** `plan --explain` and `plan --diff`: what they refuse, how they end, and that nothing of a user reaches the terminal as it is. */
import { describe, expect, it } from 'vitest';
import { metallb } from './fake-io.ts';

const GUIDE = ['multi-router', 'test-service', 'cluster'].map((chapter) => `examples/guide/${chapter}`);
const POOL = (addresses: string): string =>
  `apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: p}\nspec: {addresses: [${addresses}]}\n`;
const SERVICE = (name: string): string =>
  `---\napiVersion: v1\nkind: Service\nmetadata: {name: "${name}"}\nspec: {type: LoadBalancer, ports: [{port: 80}]}\n`;

describe('--explain', () => {
  it('refuses a Service that is not there, and names the nearest', async () => {
    const { status, stdout, stderr } = await metallb(['plan', ...GUIDE, '--explain', 'default/nginx-bl']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('there is no Service default/nginx-bl in the input');
    expect(stderr).toContain('did you mean default/nginx-lb?');
  });

  it('has no YAML form', async () => {
    expect(await metallb(['plan', ...GUIDE, '--explain', 'default/nginx-lb', '-o', 'yaml'])).toMatchObject({
      status: 2,
    });
  });

  it('ends with 1 where the input has an error', async () => {
    const stdin = `${POOL('10.0.0.0/24, nonsense')}${SERVICE('web')}`;
    const { status, stdout } = await metallb(['plan', '-', '--explain', 'default/web'], { stdin });
    expect(status).toBe(1);
    expect(stdout).toContain('Pending, no address');
  });

  it('shows no control character of an object', async () => {
    const stdin = `${POOL('10.0.0.0/24')}---\napiVersion: v1\nkind: Service\nmetadata: {name: web, annotations: {"metallb.io/address-pool": "\\e[2Jx"}}\nspec: {type: LoadBalancer, ports: [{port: 80}]}\n`;
    const { stdout } = await metallb(['plan', '-', '--explain', 'default/web'], { stdin });
    expect(stdout).toContain('\\u{1b}[2Jx');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('--diff', () => {
  it.each([
    [['examples/guide/cluster'], 'compares two inputs'],
    [['-', '-'], 'given twice'],
    [['a.yaml', 'b.yaml', '-'], 'standard input (-) can be BEFORE or AFTER'],
    [['examples/guide/cluster', 'examples/guide/cluster', '--explain', 'a/b'], 'exclude each other'],
    [['examples/guide/cluster', 'examples/guide/cluster', '-o', 'yaml'], 'text and json'],
    [['examples/guide/cluster', 'no-such-file.yaml'], 'no-such-file.yaml'],
  ])('refuses %j', async (args, why) => {
    const { status, stderr } = await metallb(['plan', '--diff', ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(why);
  });

  it('is empty between an input and itself', async () => {
    const [config = '', ...rest] = GUIDE;
    const { status, stdout } = await metallb(['plan', '--diff', config, config, ...rest]);
    expect(status).toBe(0);
    expect(stdout).toContain('What is interrupted  nothing');
    expect(stdout).toContain('Nothing changes');
  });

  it('ends with 1 where the second input has an error, whose object keeps its last good version', async () => {
    const [config = '', ...rest] = GUIDE;
    const stdin = `${POOL('nonsense').replace('name: p', 'name: production-pool')}`;
    const { status, stdout } = await metallb(['plan', '--diff', config, '-', ...rest], { stdin });
    expect(status).toBe(1);
    expect(stdout).toContain('Errors of the second input');
    expect(stdout).not.toContain('address-lost');
    const back = await metallb(['plan', '--diff', '-', config, ...rest], { stdin });
    expect(back.status).toBe(0);
  });
});
