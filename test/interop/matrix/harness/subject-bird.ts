/** BIRD under test; its configurations call the session's protocol `node`. */
import { Bird, type BirdOptions } from '../../../../lab/bird.ts';
import { byNumbers, communities, type HeldRoute, type Subject } from './subject.ts';

export class BirdSubject implements Subject {
  readonly name = 'bird';
  readonly neighbor: string;
  readonly bird: Bird;

  private constructor(bird: Bird, neighbor: string) {
    this.bird = bird;
    this.neighbor = neighbor;
  }

  static async start(options: BirdOptions, neighbor: string): Promise<BirdSubject> {
    return new BirdSubject(await Bird.start(options), neighbor);
  }

  get namespace() {
    return this.bird.namespace;
  }

  async route(prefix: string): Promise<HeldRoute | null> {
    const text = await this.bird.pathsText(prefix).catch(noneAtAll);
    const attribute = (name: string): string | undefined => new RegExp(`BGP\\.${name}: (.*)`).exec(text)?.[1];
    const nextHop = attribute('next_hop');
    if (nextHop === undefined) return null;
    const number = (name: string): number | null => {
      const value = attribute(name);
      return value === undefined ? null : Number(value);
    };
    return {
      // A link-local one may follow.
      nextHop: nextHop.split(' ')[0] ?? '',
      origin: (attribute('origin') ?? '').toLowerCase(),
      asPath: [...(attribute('as_path') ?? '').matchAll(/\d+/g)].map(([digits]) => Number(digits)),
      localPref: number('local_pref'),
      med: number('med'),
      communities: communities(tuples(attribute('community'))),
      largeCommunities: [...tuples(attribute('large_community'))].sort(byNumbers),
    };
  }

  async established(): Promise<boolean> {
    return /BGP state:\s+Established/.test(await this.about());
  }

  about(): Promise<string> {
    return this.bird.birdc('show protocols all node');
  }

  log(): Promise<string> {
    return this.bird.log();
  }

  /** BIRD does not count messages: each of its own traces is one. */
  async updatesReceived(): Promise<number> {
    return (await this.log()).match(/node: Got UPDATE/g)?.length ?? 0;
  }

  async askRefresh(): Promise<void> {
    await this.bird.birdc('reload in node');
  }

  async restart(): Promise<void> {
    await this.bird.birdc('restart node');
  }
}

/** `(64512,100) (64512, 1, 2)` as `64512:100`, `64512:1:2`. */
const tuples = (text: string | undefined): readonly string[] =>
  [...(text ?? '').matchAll(/\(([^)]*)\)/g)].map(([, inside = '']) => inside.replaceAll(/\s*,\s*/g, ':'));

/** For a prefix that it has no path of, birdc fails. */
function noneAtAll(error: Error): string {
  if (error.message.includes('Network not found')) return '';
  throw error;
}
