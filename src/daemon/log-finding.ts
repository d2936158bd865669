/** What is wrong with an object of the configuration, as a line of a daemon's log. */
import type { Finding } from '../config/problem.ts';
import type { Logger } from '../io/logger.ts';

/** The fields of a finding's line: equal for findings that say the same. */
export const findingFields = ({ rule, message, help, object, path }: Finding) => ({
  event: 'configFinding',
  rule,
  object,
  path: path.join('.'),
  finding: message,
  help,
});

/** Logs a finding as severe as it is. */
export function logFinding(finding: Finding, log: Logger): void {
  const fields = findingFields(finding);
  if (finding.severity === 'error')
    log.error(fields, 'configuration error: the object is left out, or its last good version stays');
  else if (finding.severity === 'warning') log.warn(fields, 'configuration warning');
  else log.info(fields, 'configuration note');
}
