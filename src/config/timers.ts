/**
 * The times of a BGP session as a peer configures them: hold, keepalive, connect.
 *
 * RFC 4271 section 4.2: the hold time is zero or at least three seconds, in 16 bits. Section 10: a keepalive time of a third of it is
 * usual. Unset means 90 s and a third; a keepalive time alone means three times as much to hold (as MetalLB has it). A keepalive time of
 * zero beside a hold time would lose every session, and is what MetalLB's conversion from v1beta1 writes for "unset": so it means unset.
 */
import { parseDurationMs } from './duration.ts';
import { type FieldPath, type Problem, problem } from './problem.ts';

export interface Timers {
  readonly holdTimeSeconds: number;
  readonly keepaliveSeconds: number;
}

const DEFAULT_HOLD_TIME = 90;
const MAX_SECONDS = 65_535;

/** Reads the two times; problems are added to `problems`. */
export function parseTimers(
  holdTime: string | undefined,
  keepaliveTime: string | undefined,
  problems: Problem[],
): Timers {
  const hold = readMs(holdTime, ['spec', 'holdTime'], problems);
  const keepalive = readMs(keepaliveTime, ['spec', 'keepaliveTime'], problems);
  if (hold === 'bad' || keepalive === 'bad') return { holdTimeSeconds: DEFAULT_HOLD_TIME, keepaliveSeconds: 30 };

  const keepaliveSeconds = keepalive === undefined ? 0 : Math.trunc(keepalive / 1000);
  const holdTimeSeconds =
    hold === undefined ? (keepaliveSeconds > 0 ? 3 * keepaliveSeconds : DEFAULT_HOLD_TIME) : Math.trunc(hold / 1000);
  if ((hold ?? 1) !== 0 && holdTimeSeconds < 3)
    problems.push(
      problem('bad-timers', ['spec', 'holdTime'], `a hold time of ${holdTime} is neither 0 nor at least 3 s`),
    );
  if (holdTimeSeconds > MAX_SECONDS) {
    const path = ['spec', hold === undefined ? 'keepaliveTime' : 'holdTime'];
    problems.push(problem('bad-timers', path, `a hold time of ${holdTimeSeconds} s does not fit into an OPEN message`));
  }
  if (keepalive !== undefined && keepalive > 0 && keepalive < 1000)
    problems.push(problem('bad-timers', ['spec', 'keepaliveTime'], 'a keepalive time is at least 1 s'));
  if (keepaliveSeconds > holdTimeSeconds) {
    const message = `the keepalive time (${keepaliveSeconds} s) is above the hold time (${holdTimeSeconds} s)`;
    problems.push(problem('bad-timers', ['spec', 'keepaliveTime'], message));
  }
  return { holdTimeSeconds, keepaliveSeconds: keepaliveSeconds || Math.floor(holdTimeSeconds / 3) };
}

/** Reads `connectTime`: whole seconds, 1 to 65535; null where unset. */
export function parseConnectTime(text: string | undefined, problems: Problem[]): number | null {
  const ms = readMs(text, ['spec', 'connectTime'], problems);
  if (ms === undefined || ms === 'bad') return null;
  const seconds = ms / 1000;
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_SECONDS)
    problems.push(
      problem('out-of-range', ['spec', 'connectTime'], 'spec.connectTime must be 1 s to 65535 s, in whole seconds'),
    );
  return seconds;
}

function readMs(text: string | undefined, path: FieldPath, problems: Problem[]): number | undefined | 'bad' {
  if (text === undefined || text === '') return undefined;
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms >= 0) return ms;
  const help = /^[0-9]+$/.test(text) ? { help: `write ${text}s` } : {};
  problems.push(problem('bad-duration', path, `"${text}" is not a duration`, help));
  return 'bad';
}
