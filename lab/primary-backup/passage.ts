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
  /**
   * The longest time that a flow lost everything: from its last answered probe (or the begin of the span) to its next one (or the end). Zero where
   * nothing was lost, however late this program was with sending.
   */
  readonly longestGapMs: number;
}

/** Judges the probes that were sent from one moment on until another. */
export function passageOf(probes: readonly Probe[], fromMs: number, toMs: number): Passage {
  const own = probes.filter(({ sentMs }) => sentMs >= fromMs && sentMs < toMs);
  const answered = own.filter(({ answer }) => answer !== null);
  const through: Record<string, number> = {};
  for (const { answer } of answered) if (answer !== null) through[answer.router] = (through[answer.router] ?? 0) + 1;
  const gaps = [...Map.groupBy(own, ({ flow }) => flow).values()].map((flow) => longestLoss(flow, fromMs, toMs));
  return {
    sent: own.length,
    lost: own.length - answered.length,
    through,
    longestGapMs: Math.round(Math.max(0, ...gaps)),
  };
}

/** Of one flow, in the order of sending. */
function longestLoss(flow: readonly Probe[], fromMs: number, toMs: number): number {
  let longest = 0;
  let answeredMs = fromMs;
  let hasLost = false;
  for (const { sentMs, answer } of flow) {
    if (answer === null) {
      hasLost = true;
      continue;
    }
    if (hasLost) longest = Math.max(longest, sentMs - answeredMs);
    answeredMs = sentMs;
    hasLost = false;
  }
  return hasLost ? Math.max(longest, toMs - answeredMs) : longest;
}

/** Whether all probes from that moment on were answered, and all through this router. */
export function isThrough(probes: readonly Probe[], router: string, fromMs: number, toMs: number): boolean {
  const { sent, through } = passageOf(probes, fromMs, toMs);
  return sent > 0 && through[router] === sent;
}
