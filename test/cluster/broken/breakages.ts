/**
 * What may be wrong with a field of the guide's manifests, and who says so.
 *
 * Each field that one of the manifests has gets a value of a wrong type; a field of ours gets those values, too, that only our schemas and checks know
 * to be wrong. A field that a manifest of the guide has and this table has not fails the test.
 */
import { type Field, fieldsOf, type GuideObject, type Json, withField } from './fields.ts';

export type Outcome =
  /** kubectl refuses it, with these words: what is wrong, and where. */
  | { readonly type: 'refused'; readonly says: RegExp }
  /** It is accepted; a condition and an event on an object name field, fault and remedy. */
  | {
      readonly type: 'told';
      readonly condition: 'Accepted' | 'Warnings';
      readonly says: RegExp;
      /** Another object than the one that was broken: whoever refers to it. */
      readonly on?: { readonly kind: string; readonly name: string };
    }
  /** It is accepted; an event on the object says it. Services have no condition of ours. */
  | { readonly type: 'event'; readonly reason: string; readonly says: RegExp };

export interface Breakage {
  readonly field: string;
  readonly value: Json;
  readonly outcome: Outcome;
  /** The session that the peer holds begins anew: by another key, as the user has asked for. */
  readonly endsSession?: true;
}

const refused = (field: string, value: Json, says: RegExp): Breakage => ({
  field,
  value,
  outcome: { type: 'refused', says },
});
const error = (field: string, value: Json, says: RegExp): Breakage => ({
  field,
  value,
  outcome: { type: 'told', condition: 'Accepted', says },
});
const warning = (field: string, value: Json, says: RegExp): Breakage => ({
  field,
  value,
  outcome: { type: 'told', condition: 'Warnings', says },
});

const SELECTOR = 'spec.nodeSelectors[]';

const OURS: Readonly<Record<string, readonly Breakage[]>> = {
  IPAddressPool: [
    error('spec.addresses', [], /^spec\.addresses: .*at least one entry \(write an entry\)/m),
    error('spec.addresses[]', '10.100.0.0/33', /^spec\.addresses\[0\]: .*10\.100\.0\.0\/33.*\(.+\)/m),
    error('spec.addresses[]', '10.100.0.9-10.100.0.1', /^spec\.addresses\[0\]: .*10\.100\.0\.9.*\(.+\)/m),
    error('spec.addresses[]', '10.100.0.x', /^spec\.addresses\[0\]: "10\.100\.0\.x" is not an IP address \(.+\)/m),
    error('spec.addresses[]', '::ffff:10.100.0.0/120', /^spec\.addresses\[0\]: .*mapped.*\(.+\)/m),
  ],
  BGPPeer: [
    refused('spec.myASN', 0, /spec\.myASN: .*AS number 0 is reserved/),
    refused('spec.myASN', 4_294_967_296, /spec\.myASN: .*less than or equal to 4294967295/),
    refused('spec.peerASN', 0, /neither peerASN nor dynamicASN is set: write peerASN/),
    refused('spec.peerASN', -1, /spec\.peerASN: .*greater than or equal to 0/),
    refused('spec.peerAddress', '', /neither peerAddress nor interface is set: write peerAddress/),
    error('spec.peerAddress', '192.168.1.256', /^spec\.peerAddress: .*192\.168\.1\.256.*\(.+\)/m),
    error('spec.peerAddress', 'router.example.com', /^spec\.peerAddress: .*router\.example\.com.*\(.+\)/m),
    error('spec.peerAddress', '224.0.0.5', /^spec\.peerAddress: .*224\.0\.0\.5.*\(.+\)/m),
    refused('spec.peerPort', 70_000, /spec\.peerPort: .*less than or equal to 16384/),
    refused('spec.holdTime', '90', /spec\.holdTime: .*is no duration: write a number with its unit/),
    refused('spec.holdTime', '2s', /spec\.holdTime: .*at least 3s \(RFC 4271\)/),
    error('spec.holdTime', '19h', /^spec\.holdTime: .*\(.+\)/m),
    refused('spec.keepaliveTime', '30', /spec\.keepaliveTime: .*is no duration/),
    refused('spec.keepaliveTime', '91s', /keepaliveTime is above holdTime: leave keepaliveTime out/),
    warning('spec.bfdProfile', 'nobody', /^spec\.bfdProfile: BFDProfile "nobody" does not exist.*\(.+\)/m),
    {
      ...warning('spec.password', 'nobody', /^spec\.password: no Secret of that name exists.*\(.+\)/m),
      endsSession: true,
    },
    error(`${SELECTOR}.matchLabels.*`, 'no label!', /^spec\.nodeSelectors\[0\].*no label!.*\(.+\)/m),
    error(`${SELECTOR}.matchExpressions[].key`, 'no key!', /^spec\.nodeSelectors\[1\].*no key!.*\(.+\)/m),
    error(
      `${SELECTOR}.matchExpressions[].operator`,
      'Inside',
      /^spec\.nodeSelectors\[1\].*one of In, NotIn, .*\(.+\)/m,
    ),
    error(`${SELECTOR}.matchExpressions[].values`, [], /^spec\.nodeSelectors\[1\].*\(.+\)/m),
    error(`${SELECTOR}.matchExpressions[].values[]`, 'no value!', /^spec\.nodeSelectors\[1\].*no value!.*\(.+\)/m),
  ],
  BGPAdvertisement: [
    warning('spec.ipAddressPools[]', 'nobody', /^spec\.ipAddressPools\[0\]: .*nobody.*\(.+\)/m),
    error('spec.ipAddressPools', ['production-pool', 'production-pool'], /^spec\.ipAddressPools\[1\]: .*\(.+\)/m),
    warning('spec.peers[]', 'nobody', /^spec\.peers\[0\]: .*nobody.*\(.+\)/m),
    error('spec.communities[]', 'nobody', /^spec\.communities\[0\]: .*nobody.*\(.+\)/m),
    error('spec.communities[]', '64512:70000', /^spec\.communities\[0\]: .*65535.*\(.+\)/m),
    refused('spec.aggregationLength', 33, /spec\.aggregationLength: .*less than or equal to 32/),
    error('spec.aggregationLength', 20, /^spec\.aggregationLength: .*\(.+\)/m),
    refused('spec.aggregationLengthV6', 129, /spec\.aggregationLengthV6: .*less than or equal to 128/),
    error('spec.aggregationLengthV6', 0, /^spec\.aggregationLengthV6: .*\(.+\)/m),
    refused('spec.localPref', -1, /spec\.localPref: .*greater than or equal to 0/),
    refused('spec.localPref', 4_294_967_296, /spec\.localPref: .*less than or equal to 4294967295/),
  ],
  Community: [
    error('spec.communities[].name', '', /^spec\.communities\[0\]\.name: .*\(.+\)/m),
    {
      field: 'spec.communities[].name',
      value: 'prod',
      outcome: {
        type: 'told',
        condition: 'Accepted',
        says: /^spec\.communities\[0\]\.name: alias "prod" is defined already, in Community "production-community" \(.+\)/m,
        on: { kind: 'Community', name: 'env-communities' },
      },
    },
    error('spec.communities[].value', '64512:70000', /^spec\.communities\[0\]\.value: .*65535.*\(.+\)/m),
    error('spec.communities[].value', 'no-exports', /^spec\.communities\[0\]\.value: .*"no-export".*\(.+\)/m),
  ],
  BFDProfile: [
    refused('spec.receiveInterval', 9, /spec\.receiveInterval: .*greater than or equal to 10/),
    refused('spec.transmitInterval', 60_001, /spec\.transmitInterval: .*less than or equal to 60000/),
    refused('spec.detectMultiplier', 1, /spec\.detectMultiplier: .*greater than or equal to 2/),
    refused('spec.minimumTtl', 255, /spec\.minimumTtl: .*less than or equal to 254/),
  ],
  Secret: [
    refused('data.*', 'no base64!', /illegal base64 data/),
    {
      field: 'data.*',
      // Three octets that are no UTF-8.
      value: '////',
      outcome: {
        type: 'told',
        condition: 'Accepted',
        says: /^spec\.password: the key "password" of the Secret that it names cannot be read \(.+\)/m,
        on: { kind: 'BGPPeer', name: 'router-primary-secure' },
      },
    },
    {
      field: 'data.*',
      value: '',
      outcome: {
        type: 'told',
        condition: 'Accepted',
        says: /^spec\.password: the MD5 key is empty: it is not used \(.+\)/m,
        on: { kind: 'BGPPeer', name: 'router-primary-secure' },
      },
    },
    refused('type', 'kubernetes.io/tls', /data\[tls\.crt\]: Required value|type: .*field is immutable/),
  ],
  Service: [
    {
      field: 'metadata.annotations.*',
      value: 'nobody',
      outcome: { type: 'event', reason: 'AllocationFailed', says: /"nobody"/ },
    },
    refused('spec.type', 'LoadBalancers', /spec\.type: Unsupported value: "LoadBalancers"/),
    refused('spec.ports[].port', 70_000, /spec\.ports\[0\]\.port: Invalid value: 70000/),
    refused('spec.ports[].targetPort', 70_000, /spec\.ports\[0\]\.targetPort: Invalid value: 70000/),
    refused('spec.ports[].protocol', 'TCPX', /spec\.ports\[0\]\.protocol: Unsupported value: "TCPX"/),
  ],
  Deployment: [],
};

/** What no manifest may have, whatever its kind. */
const ANYWHERE: readonly Breakage[] = [
  refused('apiVersion', 'example.com/v1', /no matches for kind/),
  refused('kind', 'Surprise', /no matches for kind/),
  refused('metadata.name', 'Not_A_Name', /metadata\.name: Invalid value: "Not_A_Name"/),
  refused('metadata.namespace', 'nowhere', /namespaces "nowhere" not found/),
];

/** A value of another type than the field's, and what refuses it. */
function ofAnotherType({ pattern, value }: Field): Breakage {
  const last = /(\w+)(?:\[\]|\.\*)*$/.exec(pattern)?.[1] ?? pattern;
  // A port may have a name.
  const textWillDo = typeof value === 'string' || typeof value === 'boolean' || pattern.endsWith('.targetPort');
  const wrong: Json = textWillDo ? { a: 'map' } : 'text';
  // kubectl 1.36 itself stumbles over a name that entries are merged by, and ends with a panic before it has sent anything.
  return refused(pattern, wrong, new RegExp(`${last}|panic: runtime error: comparing uncomparable type`));
}

export interface BrokenManifest {
  readonly title: string;
  /** What the guide has. */
  readonly guide: GuideObject;
  readonly object: GuideObject;
  readonly breakage: Breakage;
}

/** All that may be wrong with a manifest. @throws {Error} at a field that the table does not know. */
export function breaksOf(object: GuideObject): readonly BrokenManifest[] {
  const ours = OURS[object.kind];
  if (ours === undefined) throw new Error(`no breakages of kind ${object.kind}`);
  const broken = (field: Field, breakage: Breakage): BrokenManifest => ({
    title: `${object.kind} ${object.metadata.name}: ${breakage.field} ${JSON.stringify(breakage.value)}`,
    guide: object,
    object: withField(object, field.path, breakage.value),
    breakage,
  });
  const perField = fieldsOf(object as unknown as Json).flatMap((field) => {
    const known = [...ANYWHERE, ...ours].filter(({ field: pattern }) => pattern === field.pattern);
    const typed = ANYWHERE.some(({ field: pattern }) => pattern === field.pattern) ? [] : [ofAnotherType(field)];
    return [...known, ...typed].map((breakage) => broken(field, breakage));
  });
  const surprise: Field = { path: ['spec', 'surprise'], pattern: 'spec.surprise', value: null };
  if (object.spec === undefined) return perField;
  return [...perField, broken(surprise, refused('spec.surprise', 1, /unknown field "spec\.surprise"/))];
}

/** Of a table's fields those that no manifest has. */
export function unusedBreakages(used: ReadonlySet<Breakage>): readonly string[] {
  return Object.entries(OURS).flatMap(([kind, all]) =>
    all.filter((breakage) => !used.has(breakage)).map(({ field }) => `${kind} ${field}`),
  );
}
