/** BFDProfile. Intervals are in milliseconds, as in the manifest; null is unset, which means the default of the field. */
export interface BfdProfile {
  readonly name: string;
  readonly receiveIntervalMs: number | null;
  readonly transmitIntervalMs: number | null;
  readonly detectMultiplier: number | null;
  readonly echoIntervalMs: number | null;
  readonly echoMode: boolean;
  readonly passiveMode: boolean;
  readonly minimumTtl: number | null;
}
