/** The levels of the log, as MetalLB's `--log-level` names them. */
export const LOG_LEVELS = ['all', 'debug', 'info', 'warn', 'error', 'none'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
