/** Entries of community lists, in the forms that routers write. */
import type { CommunityMatch } from './running.ts';

/** The words for well-known communities of FRR, IOS-XE and VyOS. */
const WORDS: Readonly<Record<string, string>> = {
  'graceful-shutdown': '65535:0',
  gshut: '65535:0',
  'no-export': '65535:65281',
  'no-advertise': '65535:65282',
  'local-as': '65535:65283',
  'local-AS': '65535:65283',
  'no-peer': '65535:65284',
  blackhole: '65535:666',
};

const LITERAL = /^[0-9]+(?::[0-9]+){1,2}$/;

/** A list of communities that all have to be there. */
export function allOf(words: readonly string[]): CommunityMatch {
  const communities = words.map((word) => WORDS[word] ?? word);
  return communities.length > 0 && communities.every((text) => LITERAL.test(text))
    ? { type: 'all', communities }
    : { type: 'unknown' };
}

/** What a name may be, and what separates communities; no repetition, so that nothing takes long to evaluate. */
const PLAIN_PATTERN = /^[0-9a-z:_^$.-]{1,200}$/;

/** A regular expression over the communities as FRR writes them, where `_` is whatever separates. */
export function patternOf(text: string): CommunityMatch {
  if (!PLAIN_PATTERN.test(text)) return { type: 'unknown' };
  return { type: 'pattern', pattern: new RegExp(text.replaceAll('_', '(?:^|[,{}() ]|$)')) };
}

/** Communities as FRR writes them for expressions to look at. */
export const writtenCommunities = (communities: readonly string[]): string =>
  communities.map((text) => (text === '65535:0' ? 'graceful-shutdown' : text)).join(' ');
