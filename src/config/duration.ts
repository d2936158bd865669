/** Durations as Go writes them and Kubernetes reads them: `90s`, `1m30s`, `1.5h`, `0`. */

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const PART = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;

/** The duration in milliseconds, as `time.ParseDuration` reads it; undefined where the text is none. */
export function parseDurationMs(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[-+]/, '');
  if (body === '0') return 0;
  let total = 0;
  PART.lastIndex = 0;
  let at = 0;
  while (at < body.length) {
    const part = PART.exec(body);
    if (part === null) return undefined;
    total += Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0);
    at = PART.lastIndex;
  }
  return body === '' ? undefined : sign * total;
}
