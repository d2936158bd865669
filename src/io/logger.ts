/** The log: JSON lines with MetalLB's keys (docs/decisions.md 19). */
import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from './log-level.ts';

export type { Logger } from 'pino';

const PINO_LEVEL = {
  all: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  none: 'silent',
} as const;

/**
 * A logger whose lines begin with the level as a word and the time as RFC 3339; neither process id nor host name.
 *
 * @param onLine - called after each line that was written.
 */
export function createLogger(level: LogLevel, destination: DestinationStream, onLine?: () => void): Logger {
  const counting: DestinationStream = {
    write(line) {
      destination.write(line);
      onLine?.();
    },
  };
  return pino(
    {
      level: PINO_LEVEL[level],
      base: null,
      // A state dump is deep and may have many routes: it is printed whole.
      depthLimit: 32,
      edgeLimit: 10_000_000,
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    counting,
  );
}
