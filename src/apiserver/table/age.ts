/** How long ago, as kubectl shows it (apimachinery: util/duration, HumanDuration): one unit, or two where the larger one is small. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24;
const YEAR = 365 * DAY;

export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  // Clocks differ a little: what happens in a moment happens now.
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  const minutes = Math.floor(seconds / MINUTE);
  if (minutes < 10) return two(minutes, 'm', seconds % MINUTE, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(seconds / HOUR);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 2 * DAY) return `${hours}h`;
  const days = Math.floor(hours / DAY);
  if (hours < 8 * DAY) return two(days, 'd', hours % DAY, 'h');
  if (hours < 2 * YEAR) return `${days}d`;
  const years = Math.floor(hours / YEAR);
  return hours < 8 * YEAR ? two(years, 'y', days % 365, 'd') : `${years}y`;
}

const two = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;

/** Since a moment of an object: `<unknown>` where it names none. */
export function age(time: unknown, nowMs: number): string {
  if (typeof time !== 'string' || time === '') return '<unknown>';
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? '<unknown>' : humanDuration(nowMs - ms);
}
