/** Rules about fields for themselves: types, bounds, addresses, selectors. */
import { bgp, manifest, metallb, peer, pool } from '../example.ts';
import type { InputRuleDocs } from './index.ts';

const POOL = pool('web', 'addresses: [192.0.2.0/24]');
const PEER = peer('router-a', 'peerAddress: 10.0.0.1');

export const SHAPE_RULES: InputRuleDocs = {
  'unknown-field': {
    summary: 'a kind has no such field: it is ignored',
    why: `The cluster prunes a field that the schema lacks, without a word: the object is accepted, and what the field was to say is not. A near spelling is named.`,
    fires: [pool('web', 'addresses: [192.0.2.0/24]\nautoassign: false')],
    silent: [pool('web', 'addresses: [192.0.2.0/24]\nautoAssign: false')],
  },
  'wrong-type': {
    summary: 'a value has the wrong type',
    why: `The cluster refuses it. Quotes make a text of a number, and their lack a number or a boolean of a text.`,
    fires: [peer('router-a', "peerAddress: 10.0.0.1\nmyASN: '64513'")],
    silent: [PEER],
  },
  'missing-field': {
    summary: 'a field that must be there is missing',
    why: `The cluster or the speaker refuses the object: a pool without addresses, a peer without an AS number or an address has no meaning.`,
    fires: [pool('web', 'autoAssign: true')],
    silent: [POOL],
  },
  'out-of-range': {
    summary: 'a number is outside its bounds',
    why: `The cluster refuses it by the schema, or the speaker by its own check; the message has the bound.`,
    fires: [peer('router-a', 'peerAddress: 10.0.0.1\npeerPort: 20000')],
    silent: [peer('router-a', 'peerAddress: 10.0.0.1\npeerPort: 1179')],
  },
  'unknown-value': {
    summary: 'a field has a word that it does not know',
    why: `The field takes one of a few words; the cluster refuses any other. In an annotation, which nobody checks, it is a warning and the default applies.`,
    fires: [peer('router-a', 'peerAddress: 10.0.0.1\nnodeSelectorsPolicy: all')],
    silent: [peer('router-a', 'peerAddress: 10.0.0.1\nnodeSelectorsPolicy: All')],
  },
  'bad-address': {
    summary: 'a text is no IP address, or none that can stand here',
    why: `Host names are not resolved: a session is told by its address. Leading zeros (010.0.0.1) are refused, because programs read them in different ways.`,
    fires: [peer('router-a', 'peerAddress: router-a.example.net')],
    silent: [PEER],
  },
  'bad-range': {
    summary: 'an entry of a pool is neither a prefix nor a range',
    why: `An entry is a prefix (192.0.2.0/24) or FIRST-LAST of one family. A single address needs its length: 192.0.2.10/32.`,
    fires: [pool('web', 'addresses: [192.0.2.10]')],
    silent: [pool('web', 'addresses: [192.0.2.10/32, 192.0.2.20-192.0.2.30]')],
  },
  'bad-duration': {
    summary: 'a text is no duration',
    why: `A duration has a unit, as in Go: 90s, 1m30s, 500ms. A bare number is refused.`,
    fires: [peer('router-a', "peerAddress: 10.0.0.1\nholdTime: '90'")],
    silent: [peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 90s')],
  },
  'bad-selector': {
    summary: 'a label selector is none that Kubernetes allows',
    why: `In and NotIn need values, Exists and DoesNotExist take none, and keys and values must be what a label can have: otherwise the cluster refuses the selector, or it can match nothing.`,
    fires: [bgp('web', 'nodeSelectors: [{ matchExpressions: [{ key: rack, operator: In }] }]')],
    silent: [bgp('web', 'nodeSelectors: [{ matchExpressions: [{ key: rack, operator: In, values: [a] }] }]')],
  },
  'duplicate-entry': {
    summary: 'a list has an entry twice',
    why: `MetalLB refuses the configuration: in a list of names or selectors a double is a slip, and usually another name was meant.`,
    fires: [bgp('web', 'ipAddressPools: [web, web]')],
    silent: [manifest(POOL, bgp('web', 'ipAddressPools: [web]'))],
  },
  'conflicting-fields': {
    summary: 'two fields exclude each other',
    why: `Both say the same thing in different ways (peerASN and dynamicASN, peerAddress and interface, password and passwordSecret): the speaker cannot know which counts, and refuses the peer.`,
    fires: [peer('router-a', 'peerAddress: 10.0.0.1\npeerASN: 64512\ndynamicASN: external')],
    silent: [PEER],
  },
  'family-mismatch': {
    summary: 'addresses of IPv4 and IPv6 stand where one family must',
    why: `A session has both ends in one family, and a Service at most one cluster IP of each.`,
    fires: [peer('router-a', 'peerAddress: 10.0.0.1\nsourceAddress: 2001:db8::1')],
    silent: [peer('router-a', 'peerAddress: 10.0.0.1\nsourceAddress: 10.0.0.11')],
  },
  'deprecated-field': {
    summary: 'a field has no effect any more',
    why: `It is accepted so that manifests keep working, and does nothing: disableMP is the way it works anyway since MetalLB 0.15.`,
    fires: [peer('router-a', 'peerAddress: 10.0.0.1\ndisableMP: true')],
    silent: [PEER],
  },
  'not-running-yet': {
    summary: 'a field is understood, and takes effect in a later version only',
    why: `The object is checked and used without it: where ignoring the field only gives less, that is better than to refuse the object. The message says what is missing.`,
    fires: [],
    silent: [POOL],
  },
  'not-supported-yet': {
    summary: 'a field has no engine yet, and without it the session would be another one',
    why: `To ignore the field would make a session with somebody else, or in another network: the object is left out instead.`,
    fires: [],
    silent: [POOL],
  },
  'overlapping-ranges': {
    summary: 'two pools, or two entries of one, have the same addresses',
    why: `Each address belongs to one pool: the cluster refuses the second. The pool that comes later in the input gives way.`,
    fires: [manifest(POOL, pool('dev', 'addresses: [192.0.2.128/25]'))],
    silent: [manifest(pool('web', 'addresses: [192.0.2.0/25]'), pool('dev', 'addresses: [192.0.2.128/25]'))],
  },
  'bad-community': {
    summary: 'a value of a Community is no community',
    why: `A value is a:b with numbers up to 65535, large:a:b:c with numbers up to 4294967295, or a well-known word. An AS number above 65535 does not fit into a:b: it needs a large community.`,
    fires: [metallb('Community', 'sites', "communities: [{ name: dc1, value: '4200000000:1' }]")],
    silent: [
      manifest(
        metallb('Community', 'sites', "communities: [{ name: dc1, value: 'large:4200000000:1:0' }]"),
        bgp('web', 'communities: [dc1]'),
      ),
    ],
  },
  'duplicate-alias': {
    summary: 'two Communities define one alias',
    why: `Aliases are one space of names over all Community objects: MetalLB refuses the second definition.`,
    fires: [
      manifest(
        metallb('Community', 'one', "communities: [{ name: prod, value: '64512:1' }]"),
        metallb('Community', 'two', "communities: [{ name: prod, value: '64512:2' }]"),
      ),
    ],
    silent: [
      manifest(
        metallb('Community', 'one', "communities: [{ name: prod, value: '64512:1' }]"),
        metallb('Community', 'two', "communities: [{ name: dev, value: '64512:2' }]"),
      ),
    ],
  },
  'unresolved-community': {
    summary: 'an advertisement names a community that is nowhere defined',
    why: `A name is looked up as an alias, read as a literal or a well-known word, and then looked up as a Community. One that is none of these would be sent as nothing; MetalLB keeps its
old configuration because of it.`,
    fires: [
      manifest(
        metallb('Community', 'sites', "communities: [{ name: primary, value: '64512:1' }]"),
        bgp('web', 'communities: [primry]'),
      ),
    ],
    silent: [
      manifest(
        metallb('Community', 'sites', "communities: [{ name: primary, value: '64512:1' }]"),
        bgp('web', 'communities: [primary]'),
      ),
    ],
  },
  'ambiguous-community': {
    summary: 'a name is an alias and the name of a Community that says something else',
    why: `MetalLB knows aliases only, so the alias is used; who reads the manifest may well think of the Community of that name.`,
    fires: [
      manifest(
        metallb('Community', 'prod', "communities: [{ name: anything, value: '64512:1' }]"),
        metallb('Community', 'other', "communities: [{ name: prod, value: '64512:2' }]"),
        bgp('web', 'communities: [prod]'),
      ),
    ],
    silent: [
      manifest(
        metallb('Community', 'prod', "communities: [{ name: prod, value: '64512:1' }]"),
        bgp('web', 'communities: [prod]'),
      ),
    ],
  },
  'bad-base64': {
    summary: 'a value of a Secret is not base64',
    why: `Values under data are base64, and the cluster refuses others. Plain text goes under stringData.`,
    fires: [
      `apiVersion: v1
kind: Secret
metadata: { name: router, namespace: metallb-system }
data: { password: not-base64! }
`,
    ],
    silent: [
      `apiVersion: v1
kind: Secret
metadata: { name: router, namespace: metallb-system }
stringData: { password: not-base64! }
`,
    ],
  },
};
