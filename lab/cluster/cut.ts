/** A path that loses everything, in both directions and without a word: both ends keep their carrier. */
import type { NetworkNamespace } from '../netns.ts';

const TABLE = 'netdev cut';

export class Cut {
  /** When the first packet was lost, at the latest: since 1970, in milliseconds. */
  readonly at: number;
  readonly #wires: NetworkNamespace;

  private constructor(wires: NetworkNamespace, at: number) {
    this.#wires = wires;
    this.at = at;
  }

  /** Drops all IPv4 between whoever is plugged into this port and this address; one path at a time. */
  static async make(wires: NetworkNamespace, port: string, address: string): Promise<Cut> {
    const chain = (hook: string, match: string): string =>
      `chain ${hook} { type filter hook ${hook} device ${port} priority 0; ip ${match} ${address} drop; };`;
    const rules = `table ${TABLE} { ${chain('ingress', 'daddr')} ${chain('egress', 'saddr')} }`;
    // The shell that has done it looks at the clock, not somebody who waits for it to end.
    const said = await wires.run(['bash', '-c', `nft '${rules}' && printf '%s\\n' "$EPOCHREALTIME"`]);
    return new Cut(wires, Number(said.trim().replace(',', '.')) * 1_000);
  }

  async mend(): Promise<void> {
    await this.#wires.run(['nft', `delete table ${TABLE}`]);
  }
}
