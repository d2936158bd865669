/** VyOS configurations as set commands, of 1.4 and of the versions before it. Whatever is not understood is passed over and counted. */
import type { IpFamily } from '../../net/ip.ts';
import { patternOf } from './community-list.ts';
import type { RunningConfig } from './running.ts';
import { RunningBuilder, readPrefix } from './running-builder.ts';

/** What surrounds set commands when they are typed. */
const SESSION_COMMANDS = new Set(['configure', 'commit', 'save', 'exit', 'end']);

/** Reads set commands (`show configuration commands`). */
export function parseVyos(text: string): RunningConfig {
  // VyOS makes neighbors active where they have an address family, and demands no policy unless it is told to.
  const builder = new RunningBuilder({ ipv4ByDefault: false, policyRequired: false });
  const parser = new VyosParser(builder);
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || SESSION_COMMANDS.has(line)) continue;
    const words = wordsOf(line);
    if (words[0] !== 'set' || !parser.set(words.slice(1), i + 1)) builder.unknownLines += 1;
  }
  return builder.build();
}

/** Words as the shell of VyOS splits them: quotes keep blanks together. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );

class VyosParser {
  readonly #builder: RunningBuilder;

  constructor(builder: RunningBuilder) {
    this.#builder = builder;
  }

  set(words: readonly string[], line: number): boolean {
    const [area, kind, ...rest] = words;
    if (area === 'protocols' && kind === 'bgp') return this.#bgp(rest, line);
    if (area === 'policy') return this.#policy(kind ?? '', rest, line);
    return area === 'protocols' && kind === 'bfd';
  }

  #bgp(words: readonly string[], line: number): boolean {
    const [first = '', ...rest] = words;
    if (/^[0-9]+$/.test(first)) {
      // Before 1.4 the AS number stood in every command.
      this.#builder.asn ??= { value: Number(first), line };
      this.#builder.outdated.push({ value: `set protocols bgp ${first}`, line });
      return rest.length === 0 || this.#bgp(rest, line);
    }
    switch (first) {
      case 'system-as':
      case 'local-as':
        this.#builder.asn = { value: Number(rest[0]), line };
        return true;
      case 'neighbor':
      case 'peer-group': {
        const [who = '', ...setting] = rest;
        const draft = first === 'neighbor' ? this.#builder.neighbor(who, line) : this.#builder.group(who, line);
        return setting.length === 0 || this.#neighbor(draft, setting, line);
      }
      case 'listen': {
        const [what, text = '', keyword, group] = rest;
        if (what === 'limit') return true;
        const prefix = readPrefix(text, text.includes(':') ? 6 : 4);
        if (what !== 'range' || prefix === null || keyword !== 'peer-group' || group === undefined) return false;
        this.#builder.ranges.push({ value: { prefix, group }, line });
        return true;
      }
      case 'address-family':
        return this.#family(rest, line);
      case 'parameters':
        return this.#parameters(rest, line);
      case 'timers':
        this.#builder.timers = { value: merged(this.#builder.timers?.value, rest), line };
        return true;
      default:
        return false;
    }
  }

  #parameters([what, value]: readonly string[], line: number): boolean {
    if (what === 'router-id') this.#builder.routerId = { value: value ?? '', line };
    else if (what === 'ebgp-requires-policy') this.#builder.policyRequired = true;
    else return what === 'log-neighbor-changes';
    return true;
  }

  #family([text, what, type, value]: readonly string[], line: number): boolean {
    const family = familyOf(text);
    if (family === null) return false;
    if (what === undefined) return true;
    if (what !== 'maximum-paths' || (type !== 'ebgp' && type !== 'ibgp')) return false;
    this.#builder.maximumPaths.push({
      value: { family, type: type === 'ebgp' ? 'external' : 'internal', paths: Number(value) },
      line,
    });
    return true;
  }

  #neighbor(draft: ReturnType<RunningBuilder['neighbor']>, words: readonly string[], line: number): boolean {
    const [what, value = '', ...more] = words;
    switch (what) {
      case 'remote-as':
        draft.remoteAsn = { value: value === 'external' || value === 'internal' ? value : Number(value), line };
        return true;
      case 'peer-group':
        draft.group = value;
        return true;
      case 'password':
        draft.password = { value: { type: 'plain', key: value }, line };
        return true;
      case 'timers':
        if (value === 'connect') return true;
        draft.timers = { value: merged(draft.timers?.value, words.slice(1)), line };
        return true;
      case 'bfd':
        draft.bfd = { value: true, line };
        return true;
      case 'ebgp-multihop':
        draft.multihop = { value: Number(value), line };
        return true;
      case 'ttl-security':
        draft.ttlSecurity = { value: Number(more[0]), line };
        return true;
      case 'shutdown':
        draft.shutdown = { value: true, line };
        return true;
      case 'address-family':
        return this.#neighborFamily(draft, value, more, line);
      default:
        return what === 'description' || what === 'graceful-restart';
    }
  }

  #neighborFamily(
    draft: ReturnType<RunningBuilder['neighbor']>,
    text: string,
    [what, value = '', name = '']: readonly string[],
    line: number,
  ): boolean {
    const family = familyOf(text);
    if (family === null) return false;
    const own = this.#builder.family(draft, family);
    own.active ??= { value: true, line };
    if (what === 'route-map' && value === 'import') own.routeMap = { value: name, line };
    else if (what === 'prefix-list' && value === 'import') own.prefixList = { value: name, line };
    else if ((what === 'distribute-list' || what === 'filter-list') && value === 'import')
      own.otherFilter = { value: true, line };
    else if (what === 'maximum-prefix') own.maximumPrefix = { value: Number(value), line };
    else return what === undefined || what === 'route-map' || what === 'prefix-list' || what === 'soft-reconfiguration';
    return true;
  }

  #policy(kind: string, [name = '', keyword, number, ...setting]: readonly string[], line: number): boolean {
    const seq = Number(number);
    if (keyword === 'description') return true;
    if (keyword !== 'rule' || !Number.isInteger(seq)) return false;
    switch (kind) {
      case 'prefix-list':
      case 'prefix-list6':
        return this.#prefixList(kind === 'prefix-list' ? 4 : 6, name, seq, setting, line);
      case 'community-list':
      case 'large-community-list':
        if (setting[0] === 'regex')
          this.#builder.communityListEntry(name, { permit: true, matches: patternOf(setting[1] ?? '') });
        // A rule that denies would turn the meaning around, and is not read.
        else if (setting[0] === 'action' && setting[1] === 'deny')
          this.#builder.communityListEntry(name, { permit: true, matches: { type: 'unknown' } });
        return setting[0] === 'regex' || setting[0] === 'action' || setting[0] === 'description';
      case 'route-map':
        return this.#routeMap(name, seq, setting, line);
      default:
        return false;
    }
  }

  #prefixList(
    family: IpFamily,
    name: string,
    seq: number,
    [what, value = '']: readonly string[],
    line: number,
  ): boolean {
    const entry = this.#builder.prefixListEntry(name, seq, line);
    if (what === 'action') entry.permit = value === 'permit';
    else if (what === 'prefix') entry.prefix = readPrefix(value, family);
    else if (what === 'ge') entry.ge = Number(value);
    else if (what === 'le') entry.le = Number(value);
    else return what === 'description';
    return true;
  }

  #routeMap(name: string, seq: number, words: readonly string[], line: number): boolean {
    const entry = this.#builder.routeMapEntry(name, seq, line);
    const text = words.join(' ');
    const list = /^match (ip|ipv6) address prefix-list (\S+)$/.exec(text);
    const community = /^match (?:large-)?community (?:(?:large-)?community-list )?(\S+)$/.exec(text);
    const localPref = /^set local-preference ([0-9]+)$/.exec(text);
    if (words[0] === 'action') entry.permit = words[1] === 'permit';
    else if (list !== null) entry.prefixLists.push({ family: list[1] === 'ip' ? 4 : 6, name: list[2] ?? '' });
    else if (community !== null) entry.communityLists.push(community[1] ?? '');
    else if (localPref !== null) entry.localPref = Number(localPref[1]);
    else if (words[0] !== 'set' && words[0] !== 'description') {
      entry.unknown = true;
      return false;
    }
    return true;
  }
}

const familyOf = (text: string | undefined): IpFamily | null =>
  text === 'ipv4-unicast' ? 4 : text === 'ipv6-unicast' ? 6 : null;

function merged(
  before: { readonly keepalive: number | null; readonly hold: number | null } | undefined,
  [what, value]: readonly string[],
): { readonly keepalive: number | null; readonly hold: number | null } {
  const { keepalive, hold } = before ?? { keepalive: null, hold: null };
  if (what === 'keepalive') return { keepalive: Number(value), hold };
  return what === 'holdtime' ? { keepalive, hold: Number(value) } : { keepalive, hold };
}
