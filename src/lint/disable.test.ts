import { describe, expect, it } from 'vitest';
import { peer, pool } from './example.ts';
import { lintText } from './report.ts';

const PEER = peer('router-a', 'peerAddress: 10.0.0.1');

const report = (yaml: string) => {
  const { findings = [], silenced = [] } = lintText('a.yaml', yaml) ?? {};
  return {
    findings: findings.map(({ finding }) => `${finding.rule}: ${finding.message}`),
    rules: findings.map(({ finding }) => finding.rule),
    silenced: silenced.map(({ finding, reason }) => `${finding.rule}: ${reason}`),
  };
};

describe('metallb-lint-disable', () => {
  it('silences its rule where it stands, with its reason', () => {
    const { rules, silenced } = report(`# metallb-lint-disable single-peer the lab has one router\n${PEER}`);
    expect(rules).toEqual(['no-bfd']);
    expect(silenced).toEqual(['single-peer: the lab has one router']);
  });

  it('silences a field, and not the same rule elsewhere', () => {
    const open = (name: string, address: string, comment: string): string =>
      peer(name, `peerAddress: ${address}\n${comment}password: example-key`);
    const { rules, silenced } = report(
      `${open('a', '10.0.0.1', '# metallb-lint-disable plain-text-password public\n')}---\n${open('b', '10.0.0.2', '')}`,
    );
    expect(rules.filter((rule) => rule === 'plain-text-password')).toHaveLength(1);
    expect(silenced).toEqual(['plain-text-password: public']);
  });

  it('needs a reason, and a rule', () => {
    expect(report(`# metallb-lint-disable single-peer\n${PEER}`).rules).toContain('single-peer');
    expect(report(`# metallb-lint-disable single-peer\n${PEER}`).findings).toContain(
      'lint-disable-without-reason: the comment silences "single-peer" without a reason: it has no effect',
    );
    expect(report(`# metallb-lint-disable\n${PEER}`).findings).toContain(
      'lint-disable-without-reason: the comment names neither a rule nor a reason: it has no effect',
    );
  });

  it('is itself a finding where it silences nothing', () => {
    expect(report(`# metallb-lint-disable no-export once we had it\n${PEER}`).findings).toContain(
      'lint-disable-unused: "no-export" finds nothing in what this comment is about',
    );
    expect(report(`# metallb-lint-disable singel-peer the lab\n${PEER}`).findings).toContain(
      'lint-disable-unused: no rule is called "singel-peer"; did you mean "single-peer"?',
    );
  });

  it('silences no error', () => {
    const bad = pool('web', '# metallb-lint-disable bad-range it works elsewhere\naddresses: [192.0.2.1]');
    const { rules, findings, silenced } = report(bad);
    expect(rules).toContain('bad-range');
    expect(silenced).toEqual([]);
    expect(findings).toContain(
      'lint-disable-unused: "bad-range" is an error here, and errors cannot be silenced: the cluster would refuse the object',
    );
  });
});
