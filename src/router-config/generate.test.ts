import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bgp, manifest, metallb, node, peer, pool } from '../lint/example.ts';
import { DIALECTS } from './check/dialect.ts';
import { generate } from './generate.ts';
import type { NeighborGroup, Router } from './model.ts';
import { Names } from './plain-text.ts';
import { routerOf, routersOf } from './testing/routers.ts';
import { VENDORS } from './vendors/index.ts';
import type { Vendor } from './vendors/vendor.ts';

const SITE = readFileSync('test/golden/router-config/inputs/site.yaml', 'utf8');
const ROUTERS = routersOf(SITE).routers;

const textFor = (router: Router, vendor: Vendor, showPasswords = false): string => {
  const { text, findings } = generate(router, { vendor, showPasswords, namespace: 'metallb-system' });
  if (text === null) throw new Error(findings.map(({ message }) => message).join('; '));
  return text;
};

/** The same router where every text that comes from a manifest is this one. */
function named(router: Router, text: string): Router {
  const names = new Names();
  const profiles = new Map<string, string>();
  const profileId = (id: string): string => {
    const known = profiles.get(id) ?? names.claim('METALLB-BFD-', text);
    profiles.set(id, known);
    return known;
  };
  return {
    ...router,
    groups: router.groups.map(
      (group): NeighborGroup => ({
        ...group,
        peer: {
          ...group.peer,
          name: text,
          authentication:
            group.peer.authentication.type === 'md5'
              ? { ...group.peer.authentication, source: { type: 'secret', name: text } }
              : group.peer.authentication,
        },
        superseded: group.superseded.map(() => text),
        id: names.claim('METALLB-', text),
        bfd: group.bfd === null ? null : { ...group.bfd, profile: text, id: profileId(group.bfd.id) },
        neighbors:
          group.neighbors.type === 'listed'
            ? { type: 'listed', nodes: group.neighbors.nodes.map((one) => ({ ...one, node: text })) }
            : group.neighbors,
        families: group.families.map((need) => ({
          ...need,
          prefixes: need.prefixes.map((rule) => ({ ...rule, pools: [text], advertisements: [text] })),
        })),
        preferences: group.preferences.map((rule) => ({ ...rule, advertisements: [text], alias: text })),
        untranslated: group.untranslated.map((one) => ({ ...one, advertisement: text })),
      }),
    ),
  };
}

/** The statements, with names, keys and descriptions taken out: those are all that a text may change. */
const statements = (text: string, comment: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => !line.trim().startsWith(comment))
    .map((line) =>
      line
        .replace(/(description )("[^"]*"|'[^']*'|[^;"']*$)/, '$1TEXT')
        .replace(/KEY-OF-SECRET-[A-Z0-9-]*/, 'KEY')
        .replace(/METALLB[-_](?:BFD[-_])?[A-Z0-9_-]*/g, 'NAME'),
    );

const NASTY = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    'a\n neighbor 6.6.6.6 remote-as 666',
    'x\r\nexit\r\nrouter bgp 666',
    '"; protocol static { route 0.0.0.0/0 blackhole; } #',
    "'; delete protocols; '",
    '*/ } /*',
    '$(reboot)',
    '`reboot`',
    '!event',
    '\u0000',
    '\u2028set system host-name x',
    '',
    ' ',
    '?',
    'ä'.repeat(200),
    'x'.repeat(300),
  ),
);

describe.each(VENDORS.map((vendor) => [vendor.name, vendor] as const))('%s', (_, vendor) => {
  it('has the same statements whatever the objects are called', () => {
    const plain = ROUTERS.map((router) => statements(textFor(named(router, 'x'), vendor), vendor.comment));
    fc.assert(
      fc.property(NASTY, (text) => {
        for (const [i, router] of ROUTERS.entries()) {
          const written = textFor(named(router, text), vendor);
          expect(written).toMatch(/^[\x20-\x7e\n]*$/);
          expect(statements(written, vendor.comment)).toEqual(plain[i]);
        }
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('has a reason above every statement, or above the block that it is part of', () => {
    for (const router of ROUTERS) {
      const lines = textFor(router, vendor).split('\n');
      const bare = lines.filter((line, i) => {
        const before = lines[i - 1]?.trim() ?? '';
        return /^(?:set |neighbor |protocol |filter |template |router )/.test(line.trim()) && before === '';
      });
      expect(bare).toEqual([]);
    }
  });

  it('shows keys only when asked, and refuses those that it cannot write', () => {
    const withKey = (key: string): Router =>
      routerOf(
        manifest(
          pool('web', 'addresses: [192.0.2.0/28]'),
          node('node1', '10.0.0.11'),
          peer('router-a', `peerAddress: 10.0.0.1\npassword: ${JSON.stringify(key)}`),
          bgp('all', 'ipAddressPools: [web]'),
        ),
      );
    expect(textFor(withKey('s3cret'), vendor)).not.toContain('s3cret');
    expect(textFor(withKey('s3cret'), vendor, true)).toContain('s3cret');
    for (const key of ['two words', 'a"b', "a'b", 'a?b', 'ä', 'a\tb', '`x`', '$(x)', 'a\\b']) {
      const options = { vendor, showPasswords: true, namespace: 'metallb-system' };
      const { text, findings } = generate(withKey(key), options);
      expect(text).toBeNull();
      expect(findings).toMatchObject([{ rule: 'router-key-unwritable', severity: 'error' }]);
      expect(JSON.stringify(findings)).not.toContain(JSON.stringify(key).slice(1, -1));
    }
  });
});

describe('a key that is not known', () => {
  it('is no placeholder where it was asked for', () => {
    const router = routerOf(
      manifest(
        pool('web', 'addresses: [192.0.2.0/28]'),
        node('node1', '10.0.0.11'),
        peer('router-a', 'peerAddress: 10.0.0.1\npasswordSecret: { name: elsewhere }'),
        bgp('all', 'ipAddressPools: [web]'),
      ),
    );
    for (const vendor of VENDORS) {
      expect(textFor(router, vendor)).toContain('KEY-OF-SECRET-ELSEWHERE');
      const { text, findings } = generate(router, { vendor, showPasswords: true, namespace: 'metallb-system' });
      expect([text, findings.map(({ rule }) => rule)]).toEqual([null, ['router-key-unknown']]);
    }
  });
});

describe('a hold time of zero', () => {
  it('is an error where the router cannot have it', () => {
    const text = manifest(
      pool('web', 'addresses: [192.0.2.0/28]'),
      node('node1', '10.0.0.11'),
      peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 0s'),
      bgp('all', 'ipAddressPools: [web]'),
    );
    for (const vendor of VENDORS) {
      const { findings } = generate(routerOf(text), { vendor, showPasswords: false, namespace: 'm' });
      const expected = vendor.name === 'vyos' ? ['router-hold-time-unsupported'] : [];
      expect(findings.map(({ rule }) => rule)).toEqual(expected);
    }
    const bird = VENDORS.find(({ name }) => name === 'bird');
    expect(bird === undefined ? '' : textFor(routerOf(text), bird)).not.toContain('keepalive time');
  });
});

describe('BFD over several hops', () => {
  it('is a warning where the router sends it with a TTL that the profile refuses', () => {
    const warned = (distance: string, minimumTtl: string): readonly string[] => {
      const text = manifest(
        pool('web', 'addresses: [192.0.2.0/28]'),
        node('node1', '10.0.0.11'),
        metallb('BFDProfile', 'fast', minimumTtl),
        peer('router-a', `peerAddress: ${distance}\nbfdProfile: fast`),
        bgp('all', 'ipAddressPools: [web]'),
      );
      return VENDORS.filter((vendor) =>
        generate(routerOf(text), { vendor, showPasswords: false, namespace: 'm' }).findings.some(
          ({ rule }) => rule === 'router-bfd-ttl-too-low',
        ),
      ).map(({ name }) => name);
    };
    expect(warned('10.9.9.1', 'detectMultiplier: 3')).toEqual(['bird']);
    // The router between takes one off: 63 arrives.
    expect(warned('10.9.9.1', 'minimumTtl: 64')).toEqual(['bird']);
    expect(warned('10.9.9.1', 'minimumTtl: 63')).toEqual([]);
    expect(warned('10.0.0.1', 'detectMultiplier: 3')).toEqual([]);
  });
});

describe('more announcers than paths', () => {
  it('are a warning', () => {
    const nodes = Array.from({ length: 33 }, (_, i) => node(`node${i}`, `10.0.0.${i + 10}`));
    const text = manifest(
      pool('web', 'addresses: [192.0.2.0/28]'),
      ...nodes,
      peer('router-a', 'peerAddress: 10.0.0.1'),
      bgp('all', 'ipAddressPools: [web]'),
    );
    const warned = VENDORS.filter((vendor) =>
      generate(routerOf(text), { vendor, showPasswords: false, namespace: 'm' }).findings.some(
        ({ rule }) => rule === 'router-paths-limited',
      ),
    );
    expect(warned.map(({ name }) => name)).toEqual(['ios-xe']);
  });
});

it('reads what it writes: FRR, IOS-XE and VyOS have nothing to remark on their own configurations', async () => {
  const { checkRouter } = await import('./check/check.ts');
  for (const dialect of DIALECTS) {
    const vendor = VENDORS.find(({ name }) => name === dialect.vendor);
    if (vendor === undefined) throw new Error(dialect.vendor);
    for (const router of ROUTERS) {
      const config = dialect.parse(textFor(router, vendor, true));
      const found = checkRouter({ router, config, dialect, vendor, namespace: 'metallb-system' });
      expect(found.map(({ message }) => `${vendor.name}: ${message}`)).toEqual([]);
    }
  }
});

it('gives profiles of one written name different names', () => {
  const profiles = ['a.b', 'a-b'].map((name) => metallb('BFDProfile', name, 'detectMultiplier: 3'));
  const peers = [
    peer('r.1', 'peerAddress: 10.0.0.1\nbfdProfile: a.b\nnodeSelectors: [{ matchLabels: { n: "1" } }]'),
    peer('r-1', 'peerAddress: 10.0.0.1\nbfdProfile: a-b\nnodeSelectors: [{ matchLabels: { n: "2" } }]'),
  ];
  const nodes = [node('node1', '10.0.0.11', 'n: "1"'), node('node2', '10.0.0.12', 'n: "2"')];
  const { groups } = routerOf(
    manifest(
      pool('web', 'addresses: [192.0.2.0/28]'),
      ...nodes,
      ...profiles,
      ...peers,
      bgp('all', 'ipAddressPools: [web]'),
    ),
  );
  expect(groups.map(({ id, bfd }) => [id, bfd?.id])).toEqual([
    ['METALLB-R-1', 'METALLB-BFD-A-B'],
    ['METALLB-R-1-2', 'METALLB-BFD-A-B-2'],
  ]);
});
