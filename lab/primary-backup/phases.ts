/** The primary path is lost and comes back, in two ways, while probes run; what became of them in each phase. */
import type { PathNetwork } from './network.ts';
import type { Passage } from './passage.ts';
import { BACKUP, PRIMARY } from './routers.ts';

export interface Phase {
  readonly name: string;
  /** The router that all probes go through at the end of the phase; null where they are not all answered through one. */
  readonly settledOn: string | null;
  /** How long it took until they all did; null where that was not waited for. */
  readonly settledAfterMs: number | null;
  readonly passage: Passage;
}

/** So long all probes have to take one way until it counts as settled. */
const SETTLED_MS = 1_500;
/** More than the guide's hold time of 90 s, which is what a silent loss takes where nothing else notices it. */
const PATIENCE_MS = 150_000;

/** What the probes do for a while in which nothing happens. */
export async function quiet(network: PathNetwork, name: string, forMs: number): Promise<Phase> {
  return await span(network, name, Date.now(), forMs);
}

/** What the probes do for a while after this. */
export async function after(
  network: PathNetwork,
  name: string,
  act: () => Promise<number>,
  forMs: number,
): Promise<Phase> {
  return await span(network, name, await act(), forMs);
}

async function span(network: PathNetwork, name: string, fromMs: number, forMs: number): Promise<Phase> {
  const passage = await network.probes.passage(fromMs, fromMs + forMs);
  const [router, further] = Object.keys(passage.through);
  const settledOn = further === undefined && passage.lost === 0 ? (router ?? null) : null;
  return { name, settledOn, settledAfterMs: null, passage };
}

/** The primary path in use, cut without a word, mended, without carrier, and with it again. */
export async function* failuresAndReturns(network: PathNetwork): AsyncGenerator<Phase> {
  /** A phase that begins with an act and ends when all probes have taken one router for a while. */
  const phase = async (name: string, router: string, act: () => Promise<number>): Promise<Phase> => {
    const fromMs = await act();
    const toMs = await network.probes.untilThrough(router, { forMs: SETTLED_MS, timeoutMs: PATIENCE_MS });
    const passage = await network.probes.passage(fromMs, toMs);
    return { name, settledOn: router, settledAfterMs: toMs - SETTLED_MS - fromMs, passage };
  };
  const { name: primary } = PRIMARY;
  const { name: backup } = BACKUP;
  yield { ...(await phase('both paths are there', primary, async () => Date.now())), settledAfterMs: null };
  yield await phase('the primary path is cut silently', backup, () => network.cut());
  yield await phase('it is mended', primary, () => network.mend());
  yield await phase('its link loses the carrier', backup, () => network.carrier('down'));
  yield await phase('the carrier is back', primary, () => network.carrier('up'));
}
