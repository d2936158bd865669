/** Rules about a BGPPeer: timers, identity, its key. */
import { manifest, metallb, peer } from '../example.ts';
import type { InputRuleDocs } from './index.ts';

const PEER = peer('router-a', 'peerAddress: 10.0.0.1');

const secret = (rest: string, type = 'kubernetes.io/basic-auth'): string =>
  `apiVersion: v1
kind: Secret
metadata: { name: router-key, namespace: metallb-system }
type: ${type}
${rest}
`;

const NAMES_SECRET = peer('router-a', 'peerAddress: 10.0.0.1\npasswordSecret: { name: router-key }');
const OTHER_SECRET = secret('stringData: { password: example-key }').replace('router-key', 'other-key');
const GOOD = manifest(secret('stringData: { password: example-key }'), NAMES_SECRET);

export const PEER_RULES: InputRuleDocs = {
  'bad-timers': {
    summary: 'hold time and keepalive time do not go together',
    why: `The hold time is 0 or 3 s to 65535 s (RFC 4271 section 4.2), and a keepalive time above it would lose every session.`,
    fires: [peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 30s\nkeepaliveTime: 60s')],
    silent: [peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 30s\nkeepaliveTime: 10s')],
  },
  'ipv6-router-id': {
    summary: 'routerID is an IPv6 address',
    why: `The BGP identifier is a number of 32 bits, written as an IPv4 address (RFC 6286), also where everything else is IPv6. MetalLB's native mode ends with a panic.`,
    fires: [peer('router-a', 'peerAddress: 2001:db8::1\nrouterID: 2001:db8::11')],
    silent: [peer('router-a', 'peerAddress: 2001:db8::1\nrouterID: 10.0.0.11')],
  },
  'ebgp-multihop-on-ibgp': {
    summary: 'ebgpMultiHop is set for an internal peer',
    why: `With peerASN equal to myASN the session is internal, and internal sessions may span hops anyway. MetalLB refuses the peer; often one of the AS numbers is wrong.`,
    fires: [peer('router-a', 'myASN: 64512\npeerAddress: 10.0.0.1\nebgpMultiHop: true')],
    silent: [peer('router-a', 'peerAddress: 10.0.0.1\nebgpMultiHop: true')],
  },
  'plain-text-password': {
    summary: 'the MD5 key stands in the manifest',
    why: `Whoever may read the BGPPeer, or the repository, has the key. spec.password is the name of a Secret where one of that name exists with a key "password"; otherwise, as in MetalLB, its text is
the key, so that a Secret that was forgotten leaves the session signed with its name.`,
    fires: [peer('router-a', 'peerAddress: 10.0.0.1\npassword: example-key')],
    silent: [GOOD],
  },
  'empty-password': {
    summary: 'the MD5 key is empty',
    why: `An empty key protects nothing and no router accepts one: it is never used.`,
    fires: [manifest(secret("stringData: { password: '' }"), NAMES_SECRET)],
    silent: [GOOD],
  },
  'password-too-long': {
    summary: 'the MD5 key is longer than 80 bytes',
    why: `The kernel takes at most 80 bytes (TCP_MD5SIG_MAXKEYLEN), and many routers fewer: the session could never come up.`,
    fires: [manifest(secret(`stringData: { password: ${'x'.repeat(81)} }`), NAMES_SECRET)],
    silent: [GOOD],
  },
  'password-whitespace': {
    summary: 'the MD5 key ends in a line break',
    why: `echo without -n puts one there, and it counts: the router's key has none, so that every segment is dropped and the session times out without a message on either side.`,
    fires: [manifest(secret('data: { password: ZXhhbXBsZS1rZXkK }'), NAMES_SECRET)],
    silent: [GOOD],
  },
  'secret-not-found': {
    summary: 'passwordSecret names a Secret that does not exist',
    why: `Without its key the session cannot be made, and without a signature it must not be: the peer is left out until the Secret is there. Manifests that have no Secret of the namespace at all are taken for a part of what is in the cluster: then it is a warning, and the session is planned with a key that is not known.`,
    fires: [NAMES_SECRET, manifest(OTHER_SECRET, NAMES_SECRET)],
    silent: [GOOD],
  },
  'bad-secret': {
    summary: 'the Secret of a peer is of the wrong type or has no key "password"',
    why: `The key is read from "password" of a Secret of type kubernetes.io/basic-auth (as in MetalLB) or Opaque.`,
    fires: [manifest(secret('stringData: { key: example-key }', 'Opaque'), NAMES_SECRET)],
    silent: [GOOD],
  },
  'secret-gone': {
    summary: 'the Secret of a running session has gone',
    why: `Reported by a running speaker, not by a reading of files: the session goes on with the key that it had, and after a restart that key is no longer known.`,
    fires: [],
    silent: [GOOD],
  },
  'secret-namespace': {
    summary: 'passwordSecret names another namespace, which is not read',
    why: `Only Secrets in the namespace of metallb-ts are read; MetalLB ignores the field as well. A Secret of that name elsewhere is not found.`,
    fires: [
      manifest(
        secret('stringData: { password: example-key }'),
        peer('router-a', 'peerAddress: 10.0.0.1\npasswordSecret: { name: router-key, namespace: default }'),
      ),
    ],
    silent: [GOOD],
  },
  'secret-after-peer': {
    summary: 'the Secret stands after the peer that names it',
    why: `Applied in this order, the session begins with no key or a wrong one, fails, and is made again when the Secret comes. It heals by itself; the other order has no gap.`,
    fires: [manifest(NAMES_SECRET, secret('stringData: { password: example-key }'))],
    silent: [GOOD],
  },
  'unknown-bfd-profile': {
    summary: 'a peer names a BFDProfile that does not exist',
    why: `MetalLB refuses the configuration. Without the profile the session has no BFD, and a dead node is noticed by the hold time only. A session that had BFD goes on with it as it was, until
the speaker restarts: most routers end the session otherwise.`,
    fires: [peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: fast')],
    silent: [
      manifest(
        metallb('BFDProfile', 'fast', 'receiveInterval: 300'),
        peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: fast'),
      ),
      PEER,
    ],
  },
  'strict-bfd-without-profile': {
    summary: 'a peer is to wait for BFD and has none',
    why: `strictBFD keeps the session back until BFD is Up, so that no route is announced over a path that BFD has not seen. Without a profile there is no BFD: the session begins at once, and a dead node is noticed by
the hold time only.`,
    fires: [peer('router-a', 'peerAddress: 10.0.0.1\nstrictBFD: true')],
    silent: [
      manifest(
        metallb('BFDProfile', 'fast', 'receiveInterval: 300'),
        peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: fast\nstrictBFD: true'),
      ),
      PEER,
    ],
  },
};
