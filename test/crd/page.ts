/** The page `docs/reference/crds.md`, made of the CRDs and of the comparison with MetalLB's. */
import { CRD_KINDS } from '../../src/crd/kinds.ts';
import { type ComparedField, compareFields, findRules, isEqual, keyOf } from './compare.ts';
import { DIFFERENCES, LEFT_OUT, RULE_ORIGINS } from './differences.ts';
import { factsText } from './field-facts.ts';
import { METALLB } from './metallb-fields.ts';

const row = (cells: readonly (string | number)[]): string =>
  `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |\n`;

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  row(head) + row(head.map(() => '---')) + rows.map(row).join('');

const code = (text: string): string => `\`${text}\``;

/** Counts for each kind and version. */
export interface Count {
  readonly kind: string;
  readonly version: string;
  readonly metallb: number;
  readonly equal: number;
  readonly different: number;
  readonly ours: number;
}

export function countFields(fields: readonly ComparedField[]): readonly Count[] {
  const counts = new Map<string, Count>();
  for (const field of fields) {
    const { kind, version } = field;
    const key = `${kind} ${version}`;
    const old = counts.get(key) ?? { kind, version, metallb: 0, equal: 0, different: 0, ours: 0 };
    const known = field.metallb !== undefined;
    counts.set(key, {
      ...old,
      metallb: old.metallb + Number(known),
      equal: old.equal + Number(known && isEqual(field)),
      different: old.different + Number(known && !isEqual(field)),
      ours: old.ours + Number(!known),
    });
  }
  return [...counts.values()];
}

export function crdPage(): string {
  const fields = compareFields();
  const counts = countFields(fields);
  const sum = (name: 'metallb' | 'equal' | 'different' | 'ours') => counts.reduce((n, count) => n + count[name], 0);
  const rules = findRules();
  const nth = new Map<string, number>();
  const originOf = (kind: string, path: string): string => {
    const key = `${kind} ${path}`;
    const index = nth.get(key) ?? 0;
    nth.set(key, index + 1);
    return RULE_ORIGINS[key]?.[index] ?? '';
  };
  // The fields themselves, without the parts of lists, maps and conditions that say nothing new.
  const own = fields.filter(
    (field) => field.metallb === undefined && field.kind !== 'SpeakerStatus' && !/\[\]|conditions\[/.test(field.path),
  );
  const speaker = fields.filter(({ kind, path }) => kind === 'SpeakerStatus' && path !== 'status');
  return `<!-- Generated from src/crd/ and test/crd/; UPDATE_GOLDEN=1 npx vitest run --project unit test/crd.test.ts writes it anew. -->

# The custom resources, and MetalLB's

\`deploy/crds/\` has one CustomResourceDefinition for each kind, written by \`npm run crds\` from the schemas in \`src/crd/\`, by which manifests are read too. They take the place of
MetalLB's: every field of MetalLB's is there with the same type, bounds and default, and nothing more is required. What they accept less is what MetalLB refuses in
another place. A test compares each field with a table of MetalLB's, written by hand from the description of its behaviour.

Fields, each list's entries and each map's values counted by themselves:

${table(
  ['kind', 'version', 'of MetalLB', 'equal', 'different', 'ours'],
  [
    ...counts.map(({ kind, version, metallb, equal, different, ours }) => [
      kind,
      version,
      metallb,
      equal,
      different,
      ours,
    ]),
    ['all', '', sum('metallb'), sum('equal'), sum('different'), sum('ours')],
  ],
)}
## What is different

${table(
  ['field', 'MetalLB', 'ours', 'why'],
  fields.flatMap((field) =>
    field.metallb === undefined || isEqual(field)
      ? []
      : [
          [
            `${field.kind} ${field.version} ${code(field.path)}`,
            factsText(field.metallb),
            factsText(field.ours),
            DIFFERENCES[keyOf(field)] ?? '',
          ],
        ],
  ),
)}
Beside the fields:

- BGPPeer has the conversion strategy None; MetalLB has a webhook. Both versions are stored once, and a peer stays readable while the controller is dead. For this v1beta1
  has v1beta2's fields too: without them the API server drops them at each write through v1beta1, and refuses every server-side apply to a peer that was once written through
  it. In v1beta1 they count here, and MetalLB ignores them there; lint says so.
- A zero of v1beta1 (\`holdTime\`, \`keepaliveTime\`, \`peerPort\`) is "unset". The API server shows it as v1beta2's, so it is told by \`metadata.managedFields\` who wrote it.
- Kinds that users write are in the categories \`all\` and \`metallb\`; MetalLB has none.
- The labels \`app\` and \`app.kubernetes.io/name\` are \`metallb\`.

## Ours

Their descriptions begin with \`metallb-ts:\`. All are optional; without them we send what MetalLB sends.

${table(
  ['field', 'what the API server checks', 'what it is'],
  own.map((field) => [
    `${field.kind} ${field.version} ${code(field.path)}`,
    factsText(field.ours),
    field.description.replace(/^metallb-ts: /, ''),
  ]),
)}
SpeakerStatus is ours as a whole:

${table(
  ['field', 'what the API server checks', 'what it is'],
  speaker.map((field) => [code(field.path), factsText(field.ours), field.description]),
)}
## Rules in CEL

Each says what is wrong and what to do. BGPPeer has them in both versions.

${table(
  ['field', 'what the user is told', 'refused as well by'],
  rules.map(({ kind, path, message }) => [`${kind} ${code(path)}`, message, originOf(kind, path)]),
)}
Left to the conditions that the controller writes, and to \`metallb lint\`:

${table(['what', 'why'], LEFT_OUT)}
## Columns of kubectl get

MetalLB's come first and in its order.

${table(
  ['kind', 'as MetalLB', 'ours'],
  CRD_KINDS.map(({ kind, columns }) => {
    const theirs = METALLB.find((metallb) => metallb.kind === kind)?.columns.map(([name]) => name) ?? [];
    const names = (list: typeof columns) =>
      list.map(({ name, priority }) => (priority === undefined ? name : `${name} (wide)`)).join(', ') || '-';
    return [
      kind,
      names(columns.filter(({ name }) => theirs.includes(name))),
      names(columns.filter(({ name }) => !theirs.includes(name))),
    ];
  }),
)}
## Over a running MetalLB

\`kubectl apply -k deploy/crds\` replaces MetalLB's CRDs where they were applied by \`kubectl apply\`: objects stay. Server-side apply leaves the conversion webhook where it is, and
the API server then refuses the strategy None beside it. Where MetalLB came by Helm, or is to be replaced by server-side apply, take the webhook out first:

\`\`\`sh
kubectl patch crd bgppeers.metallb.io --type=merge -p '{"spec":{"conversion":{"strategy":"None","webhook":null}}}'
\`\`\`

A status is written only to an object that the schema accepts as a whole. Kubernetes from 1.30 on overlooks what was wrong before (1.29 does not): there an object that came past
MetalLB's webhook and breaks a rule above gets no status until it is corrected.
`;
}
