/**
 * Label selectors in text (`app=web,tier in (a,b),!old`), with the grammar of apimachinery's labels.Parse.
 *
 * Not here: the `LabelSelector` objects inside of resources, which config/selector.ts judges.
 */
import { badRequest } from '../status.ts';

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

/** Says whether labels are selected. */
export type LabelMatch = (labels: Labels | undefined) => boolean;

const KEY = `[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?`;
const VALUE = `(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?`;
const SET = new RegExp(String.raw`^(${KEY})\s+(in|notin)\s*\(([^()]*)\)$`);
const EQUAL = new RegExp(String.raw`^(${KEY})\s*(==|=|!=)\s*(${VALUE})$`);
const COMPARE = new RegExp(String.raw`^(${KEY})\s*([<>])\s*(-?\d+)$`);
const EXISTS = new RegExp(String.raw`^(!?)\s*(${KEY})$`);
const WHOLE_VALUE = new RegExp(`^${VALUE}$`);

const EVERYTHING: LabelMatch = () => true;

/** @throws ApiError 400 where the text is no selector */
export function parseLabelSelector(text: string): LabelMatch {
  if (text.trim() === '') return EVERYTHING;
  const requirements = splitOutsideParentheses(text).map((part) => parseRequirement(part.trim(), text));
  return (labels = {}) => requirements.every((requirement) => requirement(labels));
}

function parseRequirement(part: string, whole: string): Requirement {
  const value = (labels: Labels, key: string): string | undefined =>
    Object.hasOwn(labels, key) ? labels[key] : undefined;
  const set = SET.exec(part);
  if (set !== null) {
    const [, key, operator, list] = set as unknown as [string, string, string, string];
    const values = list.split(',').map((item) => item.trim());
    if (!values.every((item) => WHOLE_VALUE.test(item))) throw unparsable(whole, part);
    return operator === 'in'
      ? (labels) => values.includes(value(labels, key) ?? '\0')
      : (labels) => !values.includes(value(labels, key) ?? '\0');
  }
  const equal = EQUAL.exec(part);
  if (equal !== null) {
    const [, key, operator, wanted] = equal as unknown as [string, string, string, string];
    // A label that is not there is unequal to every value.
    return operator === '!=' ? (labels) => value(labels, key) !== wanted : (labels) => value(labels, key) === wanted;
  }
  const compare = COMPARE.exec(part);
  if (compare !== null) {
    const [, key, operator, bound] = compare as unknown as [string, string, string, string];
    return (labels) => {
      const text = value(labels, key);
      if (text === undefined || !/^-?\d+$/.test(text)) return false;
      return operator === '>' ? BigInt(text) > BigInt(bound) : BigInt(text) < BigInt(bound);
    };
  }
  const exists = EXISTS.exec(part);
  if (exists !== null) {
    const [, not, key] = exists as unknown as [string, string, string];
    return (labels) => (value(labels, key) === undefined) === (not === '!');
  }
  throw unparsable(whole, part);
}

const unparsable = (whole: string, part: string) =>
  badRequest(`unable to parse requirement: ${JSON.stringify(part)} of ${JSON.stringify(whole)}`);

function splitOutsideParentheses(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}
