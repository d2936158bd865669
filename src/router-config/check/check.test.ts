import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bgp, manifest, metallb, node, peer, pool } from '../../lint/example.ts';
import { generate } from '../generate.ts';
import type { Router } from '../model.ts';
import { routerOf } from '../testing/routers.ts';
import { VENDORS } from '../vendors/index.ts';
import { checkRouter } from './check.ts';
import type { CheckFinding } from './collector.ts';
import { DIALECTS } from './dialect.ts';

const SITE = manifest(
  pool('web', 'addresses: [192.0.2.0/28]'),
  metallb('BFDProfile', 'fast', 'detectMultiplier: 3'),
  node('node1', '10.0.0.11'),
  node('node2', '10.0.0.12'),
  peer('router-a', 'peerAddress: 10.0.0.1\npassword: the-key\nbfdProfile: fast\nholdTime: 30s'),
  bgp('all', 'localPref: 200\ncommunities: ["64512:7"]'),
);
const ROUTER = routerOf(SITE);

function toolsOf(vendorName: string) {
  const dialect = DIALECTS.find((one) => one.vendor === vendorName);
  const vendor = VENDORS.find((one) => one.name === vendorName);
  if (dialect === undefined || vendor === undefined) throw new Error(vendorName);
  return { dialect, vendor };
}

function textFor(vendorName: string, router: Router = ROUTER): string {
  const { text } = generate(router, { vendor: toolsOf(vendorName).vendor, showPasswords: true, namespace: 'm' });
  if (text === null) throw new Error('no text');
  return text;
}

function findingsOf(vendorName: string, text: string, router: Router = ROUTER): readonly CheckFinding[] {
  const { dialect, vendor } = toolsOf(vendorName);
  return checkRouter({ router, config: dialect.parse(text), dialect, vendor, namespace: 'm' });
}

/** Changes one line, or several that belong together, and says which line of the new text that is. */
type Drift = readonly [rule: string, from: RegExp, to: string];

/** What is changed in the configuration of each vendor, and the one rule that has to say so. */
const DRIFTS: Readonly<Record<string, readonly Drift[]>> = {
  frr: [
    ['router-wrong-local-asn', /router bgp 64512/, 'router bgp 64500'],
    ['router-neighbor-missing', / neighbor 10\.0\.0\.12 .*\n( !.*\n)*( neighbor 10\.0\.0\.12 .*\n)*/, ''],
    ['router-neighbor-stale', /( neighbor )10\.0\.0\.12( peer-group .*)/, '$110.0.0.12$2\n$110.0.0.99$2'],
    ['router-neighbor-shutdown', /( neighbor )10\.0\.0\.12( peer-group .*)/, '$110.0.0.12$2\n$110.0.0.12 shutdown'],
    ['router-wrong-remote-asn', /remote-as 64513/, 'remote-as 64999'],
    ['router-password-missing', / neighbor .* password .*\n/, ''],
    ['router-password-differs', /password the-key/, 'password another-key'],
    ['router-timers-differ', /timers 10 30/, 'timers 3 9'],
    ['router-bfd-missing', /( neighbor \S+ bfd.*\n)+/, ''],
    ['router-ttl-security-differs', /( neighbor \S+ )timers.*/, '$&\n$1ttl-security hops 1'],
    ['router-family-inactive', /^ {2}neighbor (\S+) activate/m, '  no neighbor $1 activate'],
    ['router-policy-not-applied', / {2}neighbor \S+ route-map \S+ in\n/, ''],
    ['router-prefix-list-misses-pool', /192\.0\.2\.0\/28 ge 32/, '192.0.2.0/29 ge 32'],
    ['router-prefix-list-misses-pool', /ip prefix-list .*\n/, ''],
    ['router-prefix-list-too-wide', /192\.0\.2\.0\/28 ge 32/, '192.0.2.0/24 ge 32'],
    ['router-prefix-list-too-wide', /192\.0\.2\.0\/28 ge 32/, '192.0.2.0/28 le 32'],
    ['router-maximum-prefix-missing', / {2}neighbor \S+ maximum-prefix .*\n/, ''],
    ['router-maximum-prefix-too-low', /maximum-prefix 26/, 'maximum-prefix 10'],
    ['router-multipath-missing', /maximum-paths 2/, 'maximum-paths 1'],
    ['router-local-preference-differs', /set local-preference 200/, 'set local-preference 90'],
    ['router-bgp-missing', /^router bgp[\s\S]*/m, ''],
  ],
  'ios-xe': [
    ['router-wrong-remote-asn', /remote-as 64513/, 'remote-as 64999'],
    ['router-password-missing', / neighbor .* password .*\n/, ''],
    ['router-password-unreadable', /password the-key/, 'password 7 the-key'],
    ['router-timers-differ', /timers 10 30/, 'timers 30 90'],
    ['router-bfd-missing', / neighbor \S+ fall-over bfd.*\n/, ''],
    ['router-policy-not-applied', / {2}neighbor \S+ route-map \S+ in\n/, ''],
    ['router-prefix-list-misses-pool', /192\.0\.2\.0\/28 ge 32/, '192.0.2.0/29 ge 32'],
    // A list that does not exist lets everything through there.
    ['router-prefix-list-too-wide', /192\.0\.2\.0\/28 ge 32/, '0.0.0.0/0 le 32'],
    ['router-maximum-prefix-missing', / {2}neighbor \S+ maximum-prefix .*\n/, ''],
    ['router-multipath-missing', / {2}maximum-paths 2\n/, ''],
    ['router-graceful-shutdown-ignored', /set local-preference 0\n/, 'set local-preference 200\n'],
  ],
  vyos: [
    ['router-wrong-local-asn', /system-as 64512/, 'system-as 64500'],
    ['router-neighbor-missing', /set protocols bgp neighbor 10\.0\.0\.12 .*\n/g, ''],
    ['router-wrong-remote-asn', /remote-as 64513/, 'remote-as 64999'],
    ['router-password-missing', /set \S+ \S+ peer-group \S+ password .*\n/, ''],
    ['router-timers-differ', /timers holdtime 30/, 'timers holdtime 9'],
    ['router-bfd-missing', /set \S+ \S+ peer-group \S+ bfd .*\n/, ''],
    ['router-policy-not-applied', /set .* route-map import .*\n/, ''],
    ['router-prefix-list-misses-pool', /prefix 192\.0\.2\.0\/28/, 'prefix 192.0.2.0/29'],
    ['router-prefix-list-too-wide', /set policy prefix-list (\S+) rule 10 ge 32\n/, ''],
    ['router-maximum-prefix-missing', /set .* maximum-prefix .*\n/, ''],
    ['router-multipath-missing', /maximum-paths ebgp 2/, 'maximum-paths ebgp 1'],
    ['router-local-preference-differs', /set local-preference 200/, 'set local-preference 90'],
    ['router-syntax-outdated', /set protocols bgp system-as 64512/, 'set protocols bgp 64512'],
  ],
};

const cases = Object.entries(DRIFTS).flatMap(([vendor, drifts]) =>
  drifts.map(([rule, from, to]) => ({ vendor, rule, from, to, title: `${rule} (${from.source.slice(0, 40)})` })),
);

describe('--check', () => {
  it.each(Object.keys(DRIFTS))('has nothing to say of what is written for %s', (vendor) => {
    expect(findingsOf(vendor, textFor(vendor))).toEqual([]);
  });

  it.each(cases)('$vendor: $title, and nothing else', ({ vendor, rule, from, to }) => {
    const written = textFor(vendor);
    const changed = written.replace(from, to);
    expect(changed).not.toBe(written);
    const found = findingsOf(vendor, changed).filter(
      // Without an inbound policy no preference is set either, and that is true too.
      (one) => rule !== 'router-policy-not-applied' || one.rule !== 'router-local-preference-differs',
    );
    expect([...new Set(found.map((one) => one.rule))]).toEqual([rule]);
    for (const one of found) {
      expect(one.line).toBeGreaterThan(0);
      expect(one.line).toBeLessThanOrEqual(changed.split('\n').length);
      expect(one.help).not.toBe('');
      expect(JSON.stringify(one)).not.toMatch(/the-key|another-key/);
    }
  });

  it('reports exactly the five drifts that were seeded, each on its line', () => {
    const seeded = textFor('frr')
      .replace(/ neighbor .* password .*\n/, '')
      .replace('timers 10 30', 'timers 3 9')
      .replace('192.0.2.0/28 ge 32', '192.0.2.0/24 ge 32')
      .replace('maximum-paths 2', 'maximum-paths 1')
      .replace('set local-preference 200', 'set local-preference 90');
    const lineOf = (text: string): number => seeded.split('\n').findIndex((line) => line.includes(text)) + 1;
    const found = findingsOf('frr', seeded);
    expect(found.map(({ rule, line }) => [rule, line]).sort()).toEqual([
      ['router-local-preference-differs', lineOf('IN-V4 permit 20')],
      ['router-multipath-missing', lineOf('maximum-paths 1')],
      ['router-password-missing', lineOf('neighbor 10.0.0.11 peer-group')],
      ['router-prefix-list-too-wide', lineOf('192.0.2.0/24')],
      ['router-timers-differ', lineOf('timers 3 9')],
    ]);
  });

  it('says what several neighbors have in common once', () => {
    const text = `router bgp 64512
 neighbor 10.0.0.11 remote-as 64513
 neighbor 10.0.0.12 remote-as 64513
`;
    const [bfd] = findingsOf('frr', text).filter(({ rule }) => rule === 'router-bfd-missing');
    expect(bfd?.message).toMatch(/^10\.0\.0\.11 and 10\.0\.0\.12: no BFD/);
    expect(bfd?.commands.filter((line) => line.startsWith('router bgp'))).toHaveLength(1);
    expect(bfd?.commands.filter((line) => line.includes('bfd profile'))).toHaveLength(2);
  });

  it('says nothing of what may stand in a template', () => {
    const text = `router bgp 64512
 neighbor 10.0.0.11 inherit peer-session NODES
 neighbor 10.0.0.12 inherit peer-session NODES
 address-family ipv4
  maximum-paths 2
`;
    expect(findingsOf('ios-xe', text)).toEqual([]);
  });

  it('reads blocks as people write them', () => {
    const text = textFor('frr');
    // Without indentation, with other blocks around, with Windows line ends.
    const flat = text.replace(/^ +/gm, '');
    const surrounded = `hostname r1\n!\ninterface eth0\n ip address 10.0.0.1/24\nexit\n${text}line vty\n exec-timeout 0 0\n`;
    for (const form of [flat, surrounded, text.replaceAll('\n', '\r\n')]) expect(findingsOf('frr', form)).toEqual([]);
    expect(toolsOf('frr').dialect.parse(surrounded).unknownLines).toBeGreaterThan(3);
  });

  it('passes over a VRF, which is another router', () => {
    const text = textFor('frr').replace('router bgp 64512', 'router bgp 64512 vrf other');
    expect(findingsOf('frr', text).map(({ rule }) => rule)).toEqual(['router-bgp-missing']);
  });

  it('never throws, whatever it is given', () => {
    const words = fc.constantFrom(
      ...'router bgp 64512 neighbor 10.0.0.11 G peer-group remote-as 64513 password 7 timers 10 address-family ipv4 ipv6 unicast activate route-map M in permit 10 match ip address prefix-list L community C set local-preference ip prefix-list L seq 5 192.0.2.0/24 ge le 33 -1 x exit no maximum-paths bgp listen range set protocols policy rule action regex \' " ! #'.split(
        ' ',
      ),
    );
    const line = fc.oneof(
      fc.array(words, { maxLength: 10 }).map((parts) => parts.join(' ')),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.constantFrom('frr', 'ios-xe', 'vyos'), (lines, vendor) => {
        const first = vendor === 'vyos' ? 'set protocols bgp system-as 64512' : 'router bgp 64512';
        for (const one of findingsOf(vendor, [first, ...lines].join('\n'))) expect(one.message).not.toBe('');
      }),
      { numRuns: 1000, seed: 1 },
    );
  });
});
