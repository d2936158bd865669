/** What became of the probes of a span of time. Pure. */

/** One probe, and the router and node that it went through; null while no answer is there. */
export interface Probe {
  readonly number: number;
  readonly flow: number;
  readonly sentMs: number;
  answer: { readonly router: string; readonly node: string } | null;
}

export interface Passage {
  readonly sent: number;
  readonly lost: number;
  /** How many probes each router has brought to the nodes. */
  readonly through: Readonly<Record<string, number>>;
  /** The longest time between two answered probes of one flow, or until the end of the span where it stays without an answer. */
  readonly longestGapMs: number;
}

/** Judges the probes that were sent from one moment on until another. */
export function passageOf(probes: readonly Probe[], fromMs: number, toMs: number): Passage {
  const own = probes.filter(({ sentMs }) => sentMs >= fromMs && sentMs < toMs);
  const answered = own.filter(({ answer }) => answer !== null);
  const through: Record<string, number> = {};
  for (const { answer } of answered) if (answer !== null) through[answer.router] = (through[answer.router] ?? 0) + 1;
  const gaps = [...Map.groupBy(own, ({ flow }) => flow).keys()].map((flow) => {
    const times = answered.filter((probe) => probe.flow === flow).map(({ sentMs }) => sentMs);
    const all = [fromMs, ...times.sort((a, b) => a - b), toMs];
    return Math.max(...all.slice(1).map((time, i) => time - (all[i] ?? time)));
  });
  return {
    sent: own.length,
    lost: own.length - answered.length,
    through,
    longestGapMs: Math.round(Math.max(0, ...gaps)),
  };
}

/** Whether all probes from that moment on were answered, and all through this router. */
export function isThrough(probes: readonly Probe[], router: string, fromMs: number, toMs: number): boolean {
  const { sent, through } = passageOf(probes, fromMs, toMs);
  return sent > 0 && through[router] === sent;
}
