/**
 * What comments silence: `# metallb-lint-disable RULE reason` above an object or a field (manifest/lint-comments.ts finds them).
 *
 * A comment needs a reason, and silences warnings and infos of its rule that stand in what it is about. An error stays: the cluster would refuse
 * the object whatever a comment says. A comment that silences nothing is a finding itself, so that none outlives its cause.
 */
import { nearestOf } from '../config/nearest.ts';
import type { Finding, Position } from '../config/problem.ts';
import type { DisableComment } from '../manifest/lint-comments.ts';
import { manifest, peer, pool } from './example.ts';
import type { DocumentedRule } from './rule.ts';

export const DISABLE_WITHOUT_REASON: DocumentedRule = {
  name: 'lint-disable-without-reason',
  severity: 'warning',
  help: 'Write "# metallb-lint-disable RULE reason", with the reason in words: whoever reads it next year must be able to tell whether it still holds.',
  summary: 'a comment that silences a rule gives no reason, and has no effect',
  why: `A finding that is silenced is a decision, and a decision without its reason cannot be looked at again. So the comment counts only with one.`,
  fires: [`# metallb-lint-disable single-peer\n${peer('router-a', 'peerAddress: 10.0.0.1')}`],
  silent: [`# metallb-lint-disable single-peer the lab has one router\n${peer('router-a', 'peerAddress: 10.0.0.1')}`],
};

export const DISABLE_UNUSED: DocumentedRule = {
  name: 'lint-disable-unused',
  severity: 'warning',
  help: 'Remove the comment, or put it directly above the object or the field of the finding.',
  summary: 'a comment silences a rule that finds nothing there',
  why: `Either the cause has gone and the comment with it should, or the comment stands in the wrong place or has the rule's name misspelt, and what it was
meant for is still reported. Errors cannot be silenced: the cluster would refuse the object all the same.`,
  fires: [
    manifest(
      `# metallb-lint-disable single-peer the lab has one router\n${peer('router-a', 'peerAddress: 10.0.0.1')}`,
      peer('router-b', 'peerAddress: 10.0.0.2'),
    ),
  ],
  silent: [
    `# metallb-lint-disable pool-not-advertised the advertisement is in another repository\n${pool('web', 'addresses: [192.0.2.0/24]')}`,
  ],
};

/** A finding and its place, where it has one. */
export interface Placed {
  readonly finding: Finding;
  readonly position: Position | null;
}

/** A finding that a comment silences, and why. */
export interface Silenced extends Placed {
  readonly reason: string;
}

/**
 * Takes out what the comments silence, and adds what is wrong with the comments.
 *
 * @param known - the names of all rules.
 */
export function applyDisables(
  findings: readonly Placed[],
  comments: readonly DisableComment[],
  known: readonly string[],
): { readonly left: readonly Placed[]; readonly silenced: readonly Silenced[] } {
  if (comments.length === 0) return { left: findings, silenced: [] };
  const byRule = Map.groupBy(
    comments.filter(({ reason }) => reason !== ''),
    ({ rule, position }) => keyOf(rule, position.file),
  );
  const used = new Set<DisableComment>();
  /** Comments that are about an error. */
  const vain = new Set<DisableComment>();
  const left: Placed[] = [];
  const silenced: Silenced[] = [];
  for (const placed of findings) {
    const { finding, position } = placed;
    const about =
      position === null
        ? []
        : (byRule.get(keyOf(finding.rule, position.file)) ?? []).filter(
            ({ from, to }) => !isBefore(position, from) && isBefore(position, to),
          );
    const [first] = about;
    if (first !== undefined && finding.severity !== 'error') {
      for (const comment of about) used.add(comment);
      silenced.push({ ...placed, reason: first.reason });
      continue;
    }
    for (const comment of about) vain.add(comment);
    left.push(placed);
  }
  for (const comment of comments) {
    if (comment.reason === '') left.push(findingAt(comment, DISABLE_WITHOUT_REASON, withoutReason(comment.rule)));
    else if (!used.has(comment))
      left.push(findingAt(comment, DISABLE_UNUSED, unused(comment, known, vain.has(comment))));
  }
  return { left, silenced };
}

const keyOf = (rule: string, file: string): string => JSON.stringify([rule, file]);

const isBefore = (a: Position, b: Position): boolean => a.line < b.line || (a.line === b.line && a.column < b.column);

const withoutReason = (rule: string): string =>
  rule === ''
    ? 'the comment names neither a rule nor a reason: it has no effect'
    : `the comment silences "${rule}" without a reason: it has no effect`;

function unused({ rule }: DisableComment, known: readonly string[], vain: boolean): string {
  if (vain) return `"${rule}" is an error here, and errors cannot be silenced: the cluster would refuse the object`;
  if (known.includes(rule)) return `"${rule}" finds nothing in what this comment is about`;
  const nearest = nearestOf(rule, known);
  return `no rule is called "${rule}"${nearest === undefined ? ' (metallb lint --list prints all)' : `; did you mean "${nearest}"?`}`;
}

const findingAt = (comment: DisableComment, rule: DocumentedRule, message: string): Placed => ({
  finding: {
    rule: rule.name,
    severity: rule.severity,
    message,
    help: rule.help,
    object: null,
    path: [],
    position: comment.position,
  },
  position: comment.position,
});
