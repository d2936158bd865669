/**
 * Configurations in Cisco's manner: FRR's, and IOS-XE's.
 *
 * A line's meaning depends on the block that it stands in, and blocks are told by their first lines, not by indentation, which people and
 * `vtysh` use freely. Whatever is not understood is passed over and counted.
 */
import type { IpFamily } from '../../net/ip.ts';
import { allOf, patternOf } from './community-list.ts';
import type { RunningConfig, RunningPassword } from './running.ts';
import { RunningBuilder, readPrefix } from './running-builder.ts';

export interface LineSyntax {
  readonly ipv4ByDefault: boolean;
  readonly policyRequired: boolean;
  /** Reads what follows `password`. */
  readonly passwordOf: (words: readonly string[]) => RunningPassword;
}

type Block =
  | { readonly type: 'top' }
  | { readonly type: 'bgp' }
  | { readonly type: 'family'; readonly family: IpFamily }
  | { readonly type: 'route-map'; readonly name: string; readonly seq: number }
  /** A block of which nothing is read. */
  | { readonly type: 'other'; readonly inside: 'top' | 'bgp' };

/** Reads a running configuration. */
export function parseLines(text: string, syntax: LineSyntax): RunningConfig {
  const parser = new LineParser(syntax);
  for (const [i, line] of text.split(/\r?\n/).entries()) parser.read(line, i + 1);
  return parser.builder.build();
}

const IN_A_BLOCK = /^(?:no|neighbor|bgp|network|redistribute|aggregate-address|timers|distance|match|set)\b/;

class LineParser {
  readonly builder: RunningBuilder;
  readonly #syntax: LineSyntax;
  #block: Block = { type: 'top' };

  constructor(syntax: LineSyntax) {
    this.#syntax = syntax;
    this.builder = new RunningBuilder(syntax);
  }

  read(text: string, line: number): void {
    const trimmed = text.trim();
    if (trimmed === '' || /^[!#]/.test(trimmed)) return;
    const words = trimmed.split(/\s+/);
    if (this.#enter(words, line) || this.#global(words, line)) return;
    if (this.#inBlock(words, line)) return;
    this.builder.unknownLines += 1;
    // An unknown line at the margin begins a block of its own, unless it is one of this block, pasted without indentation.
    if (!/^\s/.test(text) && !IN_A_BLOCK.test(text)) this.#block = { type: 'other', inside: 'top' };
  }

  /** Lines that begin or end a block. */
  #enter(words: readonly string[], line: number): boolean {
    const [first, second, third, fourth] = words;
    const block = this.#block;
    if (first === 'router') {
      const main = second === 'bgp' && /^[0-9]+$/.test(third ?? '') && fourth !== 'vrf' && fourth !== 'view';
      this.#block = main ? { type: 'bgp' } : { type: 'other', inside: 'top' };
      if (!main) return false;
      this.builder.asn = { value: Number(third), line };
      return true;
    }
    if (first === 'route-map' && /^(?:permit|deny)$/.test(third ?? '')) {
      const seq = Number(fourth ?? 10);
      this.builder.routeMapEntry(second ?? '', seq, line).permit = third === 'permit';
      this.#block = { type: 'route-map', name: second ?? '', seq };
      return true;
    }
    const inBgp = block.type === 'bgp' || block.type === 'family' || (block.type === 'other' && block.inside === 'bgp');
    if (first === 'address-family' && inBgp) {
      const plain =
        (second === 'ipv4' || second === 'ipv6') &&
        (third === undefined || third === 'unicast') &&
        fourth === undefined;
      this.#block = plain ? { type: 'family', family: second === 'ipv4' ? 4 : 6 } : { type: 'other', inside: 'bgp' };
      if (!plain) this.builder.unknownLines += 1;
      return true;
    }
    if (first === 'exit-address-family') {
      if (inBgp) this.#block = { type: 'bgp' };
      return true;
    }
    if (first === 'exit' || first === 'end') {
      this.#block =
        first === 'exit' && (block.type === 'family' || (block.type === 'other' && block.inside === 'bgp'))
          ? { type: 'bgp' }
          : { type: 'top' };
      return true;
    }
    return false;
  }

  /** Lines that mean the same wherever they stand. */
  #global(words: readonly string[], line: number): boolean {
    const [first, second, name = '', ...rest] = words;
    const family = first === 'ip' ? 4 : first === 'ipv6' ? 6 : null;
    if (family !== null && second === 'prefix-list') {
      this.#block = { type: 'top' };
      return this.#prefixList(family, name, rest, line);
    }
    if ((first === 'ip' || first === 'bgp') && /^(?:large-)?community-list$/.test(second ?? '')) {
      if (first === 'ip') this.#block = { type: 'top' };
      return this.#communityList([name, ...rest]);
    }
    return false;
  }

  #prefixList(family: IpFamily, name: string, words: readonly string[], line: number): boolean {
    if (words[0] === 'description') return true;
    const [seq, rest] = words[0] === 'seq' ? [Number(words[1]), words.slice(2)] : [null, words];
    const [action, text = '', ...bounds] = rest;
    const prefix = readPrefix(text, family);
    if (prefix === null || (action !== 'permit' && action !== 'deny') || Number.isNaN(seq)) return false;
    const entry = this.builder.prefixListEntry(name, seq, line);
    Object.assign(entry, {
      line,
      permit: action === 'permit',
      prefix,
      ge: null,
      le: text === 'any' ? (family === 4 ? 32 : 128) : null,
    });
    for (let i = 0; i + 1 < bounds.length; i += 2) {
      if (bounds[i] === 'ge') entry.ge = Number(bounds[i + 1]);
      if (bounds[i] === 'le') entry.le = Number(bounds[i + 1]);
    }
    return true;
  }

  #communityList(words: readonly string[]): boolean {
    const form = words[0] === 'standard' || words[0] === 'expanded' ? words[0] : null;
    const [name = '', ...left] = form === null ? words : words.slice(1);
    const [action, ...values] = left[0] === 'seq' ? left.slice(2) : left;
    if (action !== 'permit' && action !== 'deny') return false;
    const expanded = form === 'expanded' || (form === null && Number(name) >= 100);
    const matches = expanded ? patternOf(values.join(' ')) : allOf(values);
    this.builder.communityListEntry(name, { permit: action === 'permit', matches });
    return true;
  }

  #inBlock(words: readonly string[], line: number): boolean {
    const block = this.#block;
    switch (block.type) {
      case 'bgp':
      case 'family':
        return words[0] === 'neighbor'
          ? this.#neighbor(words.slice(1), block.type === 'family' ? block.family : null, line)
          : this.#bgp(words, block.type === 'family' ? block.family : null, line);
      case 'route-map':
        return this.#routeMap(block.name, block.seq, words);
      default:
        return false;
    }
  }

  #bgp(words: readonly string[], family: IpFamily | null, line: number): boolean {
    const [first, second, third] = words;
    const { builder } = this;
    if (first === 'maximum-paths') {
      const type = second === 'ibgp' ? 'internal' : 'external';
      const paths = Number(type === 'internal' || second === 'ebgp' ? third : second);
      if (!Number.isInteger(paths)) return false;
      // Outside of a family block it is IPv4's.
      builder.maximumPaths.push({ value: { family: family ?? 4, type, paths }, line });
      return true;
    }
    if (first === 'timers' && second === 'bgp') {
      builder.timers = { value: { keepalive: Number(third), hold: Number(words[3]) }, line };
      return true;
    }
    if (first === 'bgp' && second === 'router-id') {
      builder.routerId = { value: third ?? '', line };
      return true;
    }
    if (first === 'bgp' && second === 'listen' && third === 'range') return this.#range(words.slice(3), line);
    if (first === 'bgp' && second === 'listen') return third === 'limit';
    const text = words.join(' ');
    if (text === 'no bgp ebgp-requires-policy') builder.policyRequired = false;
    else if (text === 'no bgp default ipv4-unicast') builder.ipv4ByDefault = false;
    else if (words[0] === 'no' && words[1] === 'neighbor' && words[3] === 'activate' && family !== null)
      builder.family(builder.neighbor(words[2] ?? '', line), family).active = { value: false, line };
    else return text === 'bgp log-neighbor-changes';
    return true;
  }

  #range(words: readonly string[], line: number): boolean {
    const [text = '', keyword, group] = words;
    const prefix = readPrefix(text, text.includes(':') ? 6 : 4);
    if (prefix === null || keyword !== 'peer-group' || group === undefined) return false;
    this.builder.ranges.push({ value: { prefix, group }, line });
    return true;
  }

  #neighbor(words: readonly string[], family: IpFamily | null, line: number): boolean {
    const [who = '', what, value, ...more] = words;
    const neighbor = this.builder.neighbor(who, line);
    const number = Number(value);
    switch (what) {
      case 'remote-as':
        if (value !== 'external' && value !== 'internal' && !Number.isInteger(number)) return false;
        neighbor.remoteAsn = { value: value === 'external' || value === 'internal' ? value : number, line };
        return true;
      case 'peer-group':
        if (value === undefined) this.builder.group(who, line);
        else neighbor.group = value;
        return true;
      case 'password':
        neighbor.password = { value: this.#syntax.passwordOf(words.slice(2)), line };
        return true;
      case 'timers':
        if (value === 'connect') return true;
        neighbor.timers = { value: { keepalive: number, hold: Number(more[0]) }, line };
        return true;
      case 'bfd':
        neighbor.bfd = { value: true, line };
        return true;
      case 'fall-over':
        if (value !== 'bfd') return false;
        neighbor.bfd = { value: true, line };
        return true;
      case 'ebgp-multihop':
        neighbor.multihop = { value: value === undefined ? 255 : number, line };
        return true;
      case 'ttl-security':
        neighbor.ttlSecurity = { value: Number(more[0]), line };
        return true;
      case 'shutdown':
        neighbor.shutdown = { value: true, line };
        return true;
      case 'inherit':
        neighbor.inherits = true;
        return true;
      case 'description':
        return true;
      default:
        // Outside of a family block these are IPv4's.
        return this.#neighborFamily(neighbor, family ?? 4, words.slice(1), line);
    }
  }

  #neighborFamily(
    neighbor: ReturnType<RunningBuilder['neighbor']>,
    family: IpFamily,
    words: readonly string[],
    line: number,
  ): boolean {
    const [what, value = '', direction] = words;
    const draft = this.builder.family(neighbor, family);
    switch (what) {
      case 'activate':
        draft.active = { value: true, line };
        return true;
      case 'route-map':
        if (direction === 'in') draft.routeMap = { value, line };
        return true;
      case 'prefix-list':
        if (direction === 'in') draft.prefixList = { value, line };
        return true;
      case 'distribute-list':
      case 'filter-list':
        if (direction === 'in') draft.otherFilter = { value: true, line };
        return true;
      case 'maximum-prefix':
        draft.maximumPrefix = { value: Number(value), line };
        return true;
      default:
        return what === 'soft-reconfiguration' || what === 'send-community';
    }
  }

  #routeMap(name: string, seq: number, words: readonly string[]): boolean {
    const entry = this.builder.routeMapEntry(name, seq, 0);
    const [verb, what, third, fourth, ...rest] = words;
    if (verb === 'description') return true;
    if (verb === 'set') {
      if (what !== 'local-preference') return true;
      const value = Number(third);
      // `+10` and the like depend on what the route has.
      if (/^[0-9]+$/.test(third ?? '')) entry.localPref = value;
      else entry.unknown = true;
      return true;
    }
    if (verb === 'match' && (what === 'ip' || what === 'ipv6') && third === 'address' && fourth === 'prefix-list') {
      for (const list of rest) entry.prefixLists.push({ family: what === 'ip' ? 4 : 6, name: list });
      return true;
    }
    if (verb === 'match' && (what === 'community' || what === 'large-community') && !words.includes('exact-match')) {
      for (const list of words.slice(2)) if (list !== 'any') entry.communityLists.push(list);
      return true;
    }
    entry.unknown = true;
    return false;
  }
}
