import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromGoFlags, ignoredOptions, METALLB_FLAGS } from './metallb-flags.ts';

describe('fromGoFlags', () => {
  it.each([
    ['speaker -log-level=debug -lb-class x', 'speaker --log-level=debug --lb-class x'],
    ['speaker --log-level debug', 'speaker --log-level debug'],
    ['speaker -ignore-exclude-lb', 'speaker --ignore-exclude-lb'],
    ['speaker --ignore-exclude-lb=true', 'speaker --ignore-exclude-lb'],
    ['speaker -ignore-exclude-lb=false --port=0', 'speaker --port=0'],
    ['controller -webhook-http2=0 -webhook-mode=disabled', 'controller --webhook-mode=disabled'],
    ['speaker -h', 'speaker -h'],
    ['speaker --from dir -- -port=1', 'speaker --from dir -- -port=1'],
    ['controller -metrics-port=0', 'controller --metrics-port=0'],
    ['controller --log-level -1', 'controller --log-level -1'],
    // Of other commands nothing is touched.
    ['lint -port=1', 'lint -port=1'],
  ])('turns "%s" into "%s"', (line, wanted) => {
    expect(fromGoFlags(line.split(' '))).toEqual(wanted.split(' '));
  });

  it('takes both forms of every flag for the same', () => {
    for (const { name, of, boolean } of METALLB_FLAGS)
      for (const daemon of of) {
        const value = boolean ? '' : '=v';
        expect(fromGoFlags([daemon, `-${name}${value}`])).toEqual(fromGoFlags([daemon, `--${name}${value}`]));
      }
  });

  it('changes nothing the second time', () => {
    const words = fc.oneof(
      fc.string(),
      fc.constantFrom('-port=1', '--host', '-ml-wan-config=false', '--', '-lb-class', '--webhook-mode=x\ny'),
    );
    fc.assert(
      fc.property(fc.constantFrom('controller', 'speaker', 'plan'), fc.array(words), (command, args) => {
        const once = fromGoFlags([command, ...args]);
        expect(fromGoFlags(once)).toEqual(once);
      }),
    );
  });
});

describe('ignoredOptions', () => {
  it('names what was given and has no effect, without its value', () => {
    const found = ignoredOptions('speaker', (name) => name === 'pprof-bind-address', {
      METALLB_BGP_TYPE: 'frr',
      METALLB_ML_BIND_PORT: '7946',
      METALLB_NODE_NAME: 'node1',
      METALLB_HOST: '',
    });
    expect(found.map(({ option }) => option)).toEqual([
      '--pprof-bind-address',
      'METALLB_ML_BIND_PORT',
      'METALLB_BGP_TYPE',
    ]);
    expect(JSON.stringify(found)).not.toMatch(/7946|frr"/);
  });
});
