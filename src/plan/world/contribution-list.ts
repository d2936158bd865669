/**
 * Who wants one prefix on one session, by Service. Nearly always that is one Service, which then stands for itself: a list for each of ten
 * thousand prefixes and each session would be most of what a speaker needs for them.
 */
import type { Contribution } from '../../announce/bgp.ts';
import { compareText } from '../../compare-text.ts';

/** Undefined where nobody does. */
export type ContributionList = undefined | Contribution | Contribution[];

const NOBODY: readonly Contribution[] = [];

export function contributionsOf(list: ContributionList): readonly Contribution[] {
  if (list === undefined) return NOBODY;
  return isOne(list) ? [list] : list;
}

/** Behind the others of its Service. The list that is given is used up, here and below. */
export function withContribution(list: ContributionList, added: Contribution): ContributionList {
  if (list === undefined) return added;
  const contributions = isOne(list) ? [list] : list;
  contributions.splice(endOf(contributions, added.service), 0, added);
  return contributions;
}

/** @param removed - the very object. */
export function withoutContribution(list: ContributionList, removed: Contribution): ContributionList {
  if (list === undefined || isOne(list)) return list === removed ? undefined : list;
  list.splice(indexIn(list, removed), 1);
  return list.length === 1 ? list[0] : list;
}

/** @param before - the very object. */
export function withReplaced(list: ContributionList, before: Contribution, after: Contribution): ContributionList {
  if (list === undefined || isOne(list)) return after;
  list[indexIn(list, before)] = after;
  return list;
}

const isOne = (list: Contribution | Contribution[]): list is Contribution => !Array.isArray(list);

const indexIn = (contributions: readonly Contribution[], contribution: Contribution): number =>
  contributions.indexOf(contribution, firstOf(contributions, contribution.service));

/** The index of the first contribution of this Service, or where it would be. */
function firstOf(contributions: readonly Contribution[], service: string): number {
  return boundary(contributions, (other) => compareText(other, service) < 0);
}

/** The index behind the last contribution of this Service, or where it would be. */
function endOf(contributions: readonly Contribution[], service: string): number {
  return boundary(contributions, (other) => compareText(other, service) <= 0);
}

function boundary(contributions: readonly Contribution[], isBefore: (service: string) => boolean): number {
  let low = 0;
  let high = contributions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore((contributions[middle] as Contribution).service)) low = middle + 1;
    else high = middle;
  }
  return low;
}
