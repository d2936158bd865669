import { describe, expect, it } from 'vitest';
import { collectResources } from './collect.ts';
import { parseManifests } from './manifest.ts';

function collect(...texts: string[]) {
  const files = texts.map((text, i) => {
    const file = parseManifests(`${i}.yaml`, text);
    if (!file.ok) throw new Error(file.error.message);
    return file.value;
  });
  return collectResources(files, { namespace: 'metallb-system' });
}

const names = (c: ReturnType<typeof collect>) =>
  c.resources.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
const found = (c: ReturnType<typeof collect>) =>
  c.findings.map(
    ({ severity, rule, position }) => `${severity} ${rule} ${position?.file}:${position?.line}:${position?.column}`,
  );

const pool = (name: string, more = '') =>
  `apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata:\n  name: ${name}\n${more}`;

describe('collectResources', () => {
  it('fills in the namespace of each kind, and passes over kinds of others silently', () => {
    const collected = collect(
      [
        pool('p'),
        'apiVersion: v1\nkind: Service\nmetadata: {name: s}\n',
        'apiVersion: v1\nkind: Node\nmetadata: {name: n1, namespace: odd}\n',
        'apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: m}\n',
        'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: x}\n',
      ].join('---\n'),
    );
    expect(names(collected)).toEqual(['IPAddressPool metallb-system/p', 'Service default/s', 'Node /n1']);
    expect(collected.findings).toEqual([]);
  });

  it('takes lists apart: kind List, and lists of one kind whose items have none', () => {
    const collected = collect(
      '{"apiVersion":"v1","kind":"List","items":[null,{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"}}]}',
      '{"apiVersion":"v1","kind":"NodeList","items":[\n{"metadata":{"name":"b"}}]}',
    );
    expect(names(collected)).toEqual(['Service default/a', 'Node /b']);
    const place = collected.resources[1]?.locate(['metadata', 'name']);
    expect(`${place?.file}:${place?.line}:${place?.column}`).toBe('1.yaml:2:14');
  });

  it('lets the later of two with one name win, in its place, with a warning', () => {
    const collected = collect(`${pool('p')}---\n${pool('q')}`, pool('p', 'spec: {autoAssign: false}\n'));
    expect(names(collected)).toEqual(['IPAddressPool metallb-system/q', 'IPAddressPool metallb-system/p']);
    expect(collected.resources[1]?.body.spec).toEqual({ autoAssign: false });
    expect(found(collected)).toEqual(['warning duplicate-object 1.yaml:4:3']);
    expect(collected.findings[0]?.message).toContain('0.yaml:1');
  });

  it.each([
    [`${pool('p')}  namespace: other\n`, 'warning other-namespace 0.yaml:5:3'],
    ['apiVersion: metallb.io/v1beta1\nkind: AddressPool\nmetadata: {name: a}\n', 'warning unknown-kind 0.yaml:2:1'],
    ['apiVersion: metallb.io/v1beta1\nkind: MetalLB\nmetadata: {name: a}\n', 'info operator-kind 0.yaml:2:1'],
    ['image: x\n', 'info missing-kind 0.yaml:1:1'],
    ['- 1\n', 'info missing-kind 0.yaml:1:1'],
    ['apiVersion: v1\nkind: Service\n', 'error missing-name 0.yaml:1:1'],
    ['apiVersion: v1\nkind: Service\nmetadata: {name: yes}\n', 'error missing-name 0.yaml:3:12'],
    ['apiVersion: v1\nkind: Service\nmetadata: {name: Not_A_Name}\n', 'error bad-name 0.yaml:3:12'],
    ['apiVersion: v1\nkind: Node\nmetadata:\n  name: n1\n  labels:\n    a: true\n', 'error wrong-type 0.yaml:6:5'],
    [`${pool('p')}spec:\n  addresses:\n    - \${RANGE}\n`, 'warning unsubstituted-variable 0.yaml:7:7'],
    [pool(`\${NAME:-x}`), 'warning unsubstituted-variable 0.yaml:4:3'],
  ])('leaves out %j', (text, finding) => {
    const collected = collect(text);
    expect(found(collected)).toEqual([finding]);
    expect(collected.resources).toEqual([]);
    expect(collected.findings[0]?.help).not.toBe('');
  });

  it('does not look for variables where scripts live, nor in copies that kubectl keeps', () => {
    const collected = collect(
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {run.sh: "echo \${HOME}"}\n`,
      `apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n  annotations: {kubectl.kubernetes.io/last-applied-configuration: "\${X}"}\n`,
    );
    expect(collected.findings).toEqual([]);
    expect(collected.resources).toHaveLength(2);
  });

  it('does not name a variable that stands in a password: it may be part of the key', () => {
    const text = `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: "x\${canary}y"}\n`;
    const collected = collect(text);
    expect(collected.resources).toEqual([]);
    expect(JSON.stringify(collected.findings)).not.toContain('canary');
  });

  it('counts a null label as unset', () => {
    expect(
      collect('apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {a: null, b: x}}\n').resources[0]?.metadata
        .labels,
    ).toEqual({ b: 'x' });
  });
});
