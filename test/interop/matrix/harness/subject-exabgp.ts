/** ExaBGP under test. */
import { Exabgp, type ExabgpEvent, type ExabgpOptions } from '../../../../lab/exabgp.ts';
import { byNumbers, communities, familyOf, type HeldRoute, type Subject } from './subject.ts';

export class ExabgpSubject implements Subject {
  readonly name = 'exabgp';
  readonly neighbor: string;
  readonly exabgp: Exabgp;

  private constructor(exabgp: Exabgp, neighbor: string) {
    this.exabgp = exabgp;
    this.neighbor = neighbor;
  }

  static async start(options: ExabgpOptions, neighbor: string): Promise<ExabgpSubject> {
    return new ExabgpSubject(await Exabgp.start(options), neighbor);
  }

  get namespace() {
    return this.exabgp.namespace;
  }

  async route(prefix: string): Promise<HeldRoute | null> {
    const route = (await this.exabgp.routes()).get(prefix);
    if (route === undefined) return null;
    const { nextHop, attributes } = route;
    return {
      nextHop,
      origin: attributes.origin ?? '',
      asPath: (attributes['as-path'] ?? []).flat(),
      localPref: attributes['local-preference'] ?? null,
      med: attributes.med ?? null,
      communities: communities((attributes.community ?? []).map((numbers) => numbers.join(':'))),
      largeCommunities: (attributes['large-community'] ?? []).map((numbers) => numbers.join(':')).sort(byNumbers),
    };
  }

  async established(): Promise<boolean> {
    const states = await this.events('state');
    return states.at(-1)?.neighbor?.state === 'up';
  }

  /** The events of one type, in order. */
  async events(type: string): Promise<readonly ExabgpEvent[]> {
    return (await this.exabgp.events()).filter((event) => event.type === type);
  }

  /** The octets of all UPDATEs that it has received, in hex, one body a line. */
  async updateBodies(): Promise<string> {
    return (await this.events('update')).map(({ body }) => body ?? '').join('\n');
  }

  async about(): Promise<string> {
    return (await this.exabgp.events()).map((event) => JSON.stringify(event)).join('\n');
  }

  log(): Promise<string> {
    return this.exabgp.daemon.stdout();
  }

  async updatesReceived(): Promise<number> {
    const updates = await this.events('update');
    return updates.filter(({ neighbor }) => neighbor?.direction === 'receive').length;
  }

  async askRefresh(): Promise<void> {
    this.exabgp.command(`announce route-refresh ${familyOf(this.neighbor)} unicast`);
  }

  /** RFC 4486: administrative reset. */
  async restart(): Promise<void> {
    this.exabgp.command(`neighbor ${this.neighbor} teardown 4`);
  }
}
