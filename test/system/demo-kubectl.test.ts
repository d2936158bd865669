/**
 * The guide's kubectl lines, word for word, against `npm run demo -- --keep` with a real kubectl: the one that `npm run kubernetes` builds, else the
 * one on PATH. Then what else somebody would try on a cluster.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingPrograms, programFile } from '../../lab/kubernetes/binaries.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const GUIDE = process.env.METALLB_GUIDE ?? resolve(ROOT, '../shared/guide.md');
const NODES = ['node1', 'node2', 'node3'];
const ROUTERS = ['dc1-router-primary', 'dc1-router-secondary', 'dc2-router-primary', 'dc2-router-secondary'];

/** The folder of kubectl; undefined for the one on PATH, null where there is none. */
function kubectlFolder(): string | undefined | null {
  if (missingPrograms(['kubectl'], process.env).length === 0) return dirname(programFile('kubectl', process.env));
  return spawnSync('kubectl', ['version', '--client']).status === 0 ? undefined : null;
}

const folder = kubectlFolder();
if (folder === null)
  console.log(
    'skipped: kubectl against the demo (there is no kubectl: `npm run kubernetes -- --build-only` builds one)',
  );

interface Line {
  readonly line: string;
  /** What its output has, each as a pattern over lines. */
  readonly has: readonly RegExp[];
  /** Of lines that cannot work here: the exit status, and why. */
  readonly fails?: { readonly because: RegExp };
  /** `grep` finds nothing where there is nothing to find. */
  readonly mayBeEmpty?: true;
}

const rows = (names: readonly string[], rest: string): RegExp[] =>
  names.map((name) => new RegExp(`^${name}\\s+${rest}`, 'm'));
const EXEC = { because: /exec is not available: the embedded API server of metallb-ts runs no containers/ };
const SPEAKER = "$(kubectl get pods -n metallb-system -l component=speaker -o jsonpath='{.items[0].metadata.name}')";

/** All but the installation, which needs the network and has been done by the demo. */
const LINES: readonly Line[] = [
  {
    line: 'kubectl wait --namespace metallb-system   --for=condition=ready pod   --selector=app=metallb   --timeout=90s',
    has: [
      /^pod\/controller-\S+ condition met$/m,
      ...NODES.map((node) => new RegExp(`^pod/speaker-${node} condition met$`, 'm')),
    ],
  },
  {
    line: 'kubectl get pods -n metallb-system',
    has: [
      /^controller-\S+\s+1\/1\s+Running/m,
      ...NODES.map((node) => new RegExp(`^speaker-${node}\\s+1/1\\s+Running`, 'm')),
    ],
  },
  {
    line: 'kubectl get ipaddresspools -n metallb-system',
    has: [/^production-pool\s.*10\.100\.0\.0\/24.*\s1\s+253\s/m],
  },
  { line: 'kubectl get bgppeers -n metallb-system', has: rows(ROUTERS, '192\\.168\\.\\S+\\s+64512\\s.*3/3\\s+True') },
  {
    line: 'kubectl get bgpadvertisements -n metallb-system',
    has: rows(['dc1-primary-advertisement', 'dc2-secondary-advertisement'], '.*production-pool'),
  },
  { line: 'kubectl get communities -n metallb-system', has: [/^dc1-primary-community\s.*64512:1111/m] },
  {
    line: 'kubectl logs -n metallb-system -l component=speaker --tail=100',
    has: NODES.map((node) => new RegExp(`"event":"starting".*"${node}"`)),
  },
  { line: 'kubectl logs -n metallb-system -l component=speaker | grep -i "session"', has: [/BGP session/] },
  { line: 'kubectl get svc nginx-lb', has: [/^nginx-lb\s+LoadBalancer\s+10\.96\.\S+\s+10\.100\.0\.1\s+80:3\d+\/TCP/m] },
  { line: 'kubectl logs -n metallb-system -l component=speaker | grep -i error', has: [], mayBeEmpty: true },
  { line: `kubectl exec -n metallb-system -it ${SPEAKER} -- ping -c 3 192.168.1.1`, has: [], fails: EXEC },
  { line: `kubectl exec -n metallb-system -it ${SPEAKER} -- nc -zv 192.168.1.1 179`, has: [], fails: EXEC },
  {
    line: 'kubectl get ipaddresspools -n metallb-system -o yaml',
    has: [/^ {4}- 10\.100\.0\.0\/24$/m, /availableIPv4: 253/],
  },
  { line: 'kubectl get bgpadvertisements -n metallb-system -o yaml', has: [/^ {4}localPref: 200$/m] },
  { line: 'kubectl get svc -A | grep LoadBalancer', has: [/^default\s+nginx-lb\s+LoadBalancer/m] },
  {
    line: 'kubectl get secret bgp-auth-secret -n metallb-system -o yaml',
    has: [/password: eW91ci1zZWN1cmUtcGFzc3dvcmQ=/],
  },
  {
    line: "kubectl get secret bgp-auth-secret -n metallb-system -o jsonpath='{.data.password}' | base64 -d",
    has: [/^your-secure-password$/],
  },
  {
    line: 'kubectl describe pods -n metallb-system -l component=speaker',
    has: NODES.flatMap((node) => [
      new RegExp(`^Name:\\s+speaker-${node}$`, 'm'),
      new RegExp(`^Node:\\s+${node}/192\\.168\\.1\\.1`, 'm'),
    ]),
  },
  {
    line: "kubectl get events -n metallb-system --sort-by='.lastTimestamp'",
    has: [/^LAST SEEN\s+TYPE/, /bgppeer\/router-primary/],
  },
  { line: 'kubectl logs -n metallb-system -l component=controller', has: [/"event":"ipAllocated".*10\.100\.0\.1/] },
  {
    line: 'kubectl get all -n metallb-system',
    has: [
      /^pod\/controller-\S+\s+1\/1/m,
      /^daemonset\.apps\/speaker\s+3\s+3\s+3\s+3\s+3/m,
      /^deployment\.apps\/controller\s+1\/1\s+1\s+1/m,
      /^replicaset\.apps\/controller-\S+\s+1\s+1\s+1/m,
      /^bgppeer\.metallb\.io\/dc1-router-primary\s/m,
      /^ipaddresspool\.metallb\.io\/production-pool\s/m,
    ],
  },
  {
    line: 'kubectl describe bgppeer router-primary -n metallb-system',
    has: [/^ {2}Peer Address:\s+192\.168\.1\.1$/m, /dc1-router-primary is the same router/, /^Events:$/m],
  },
  { line: 'kubectl get crd | grep metallb', has: [/^bgppeers\.metallb\.io\s/m, /^speakerstatuses\.metallb\.io\s/m] },
];

/** The kubectl commands of a Markdown text's shell blocks, with lines that go on put together. */
function kubectlLines(markdown: string): readonly string[] {
  const blocks = [...markdown.matchAll(/^```bash\n(.*?)^```/gms)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.replace(/\\\n/g, '').split('\n'))
    .filter((line) => line.startsWith('kubectl '));
}

describe.skipIf(folder === null)('kubectl against the demo', () => {
  let demo: ChildProcess;
  let output = '';
  let kubeconfig = '';

  /** Runs a line in a shell as the reader of the guide does. */
  const shell = (line: string, timeout = 60_000) => {
    const path = folder ? `${folder}${delimiter}${process.env.PATH}` : process.env.PATH;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', line], {
      encoding: 'utf8',
      timeout,
      cwd: ROOT,
      env: { ...process.env, PATH: path, KUBECONFIG: kubeconfig },
    });
    return { status, stdout, stderr };
  };
  const works = (line: string): string => {
    const { status, stdout, stderr } = shell(line);
    expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: '' });
    return stdout;
  };

  beforeAll(async () => {
    demo = spawn(process.execPath, ['scripts/demo.mjs', '--keep'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    await new Promise<void>((done, fail) => {
      const take = (chunk: Buffer): void => {
        output += chunk.toString();
        kubeconfig = /kubectl --kubeconfig (\S+) get all/.exec(output)?.[1] ?? '';
        if (kubeconfig !== '') done();
      };
      demo.stdout?.on('data', take);
      demo.stderr?.on('data', take);
      demo.once('exit', () => fail(new Error(`the demo ended:\n${output}`)));
    });
  });
  const ended = (): Promise<number | null> =>
    new Promise((done) => (demo.exitCode === null ? demo.once('exit', done) : done(demo.exitCode)));
  afterAll(async () => {
    demo.kill('SIGINT');
    await ended();
  });

  it('is told of a kubeconfig that nobody else can read', () => {
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
  });

  it.skipIf(!existsSync(GUIDE))("has every line of the guide's in this test", () => {
    const install = /^kubectl apply -f https:/;
    const lines = kubectlLines(readFileSync(GUIDE, 'utf8')).filter((line) => !install.test(line));
    expect(lines).toEqual(LINES.map(({ line }) => line));
  });

  it.each(LINES)('$line', ({ line, has, fails, mayBeEmpty }) => {
    const { status, stdout, stderr } = shell(line);
    if (fails !== undefined) {
      expect(status).toBe(1);
      expect(stderr).toMatch(fails.because);
      return;
    }
    if (!mayBeEmpty) expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const pattern of has) expect(stdout).toMatch(pattern);
  });

  it('applies the files of the guide again without a warning', () => {
    const applied = works('kubectl apply -f examples/guide/multi-router -f examples/guide/test-service');
    expect(applied.match(/ unchanged$/gm)).toHaveLength(15);
    expect(applied).toMatch(/^community\.metallb\.io\/dc1-primary-community configured$/m);
  });

  it('gives a Service that is made an address at once, and its routes to nobody when it goes', () => {
    works('kubectl create service loadbalancer web --tcp=80');
    works("kubectl wait svc/web --for=jsonpath='{.status.loadBalancer.ingress[0].ip}'=10.100.0.2 --timeout=10s");
    works('kubectl delete svc web');
  });

  it('has the log of the speaker that was killed', () => {
    const killed = works('kubectl logs -n metallb-system speaker-node2 --previous').split('\n');
    expect(killed[0]).toContain('"event":"starting"');
    expect(killed.join()).not.toContain('"event":"stopped"');
  });

  it('finds what was installed as it is', () => {
    const applied = works('kubectl apply -f deploy/metallb-ts.yaml').trim().split('\n');
    expect(applied.filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
  });

  it('scales and rolls out what runs', () => {
    works('kubectl scale deployment nginx-test --replicas=5');
    works('kubectl rollout status deployment/nginx-test --timeout=10s');
    expect(works('kubectl get pods -l app=nginx-test --no-headers').trim().split('\n')).toHaveLength(5);
    works('kubectl rollout restart deployment/controller -n metallb-system');
    works('kubectl rollout status deployment/controller -n metallb-system --timeout=30s');
    expect(works('kubectl get svc nginx-lb')).toContain('10.100.0.1');
  });

  it('ends the speaker of a Pod that is deleted, and starts it in a new one', () => {
    works('kubectl delete pod speaker-node2 -n metallb-system');
    works('kubectl rollout status daemonset/speaker -n metallb-system --timeout=30s');
    works(
      "kubectl wait bgppeer/dc1-router-primary -n metallb-system --for=jsonpath='{.status.established}'=3/3 --timeout=30s",
    );
  });

  it('ends in good order, and leaves nothing behind', async () => {
    demo.kill('SIGINT');
    expect(await ended()).toBe(0);
    expect(existsSync(kubeconfig)).toBe(false);
    expect(readdirSync(tmpdir())).not.toContain(dirname(kubeconfig).split('/').at(-1));
  });
});
