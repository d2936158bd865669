/** What `metallb router-config` prints: configurations, or how a running one differs. */
import type { Finding } from '../../config/problem.ts';
import { formatFieldPath } from '../../config/problem.ts';
import { formatIp } from '../../net/ip.ts';
import type { CheckFinding } from '../../router-config/check/collector.ts';
import { CHECK_RULES } from '../../router-config/check/rules.ts';
import type { Generated } from '../../router-config/generate.ts';
import type { Router } from '../../router-config/model.ts';
import { ROUTER_RULES } from '../../router-config/rules.ts';
import type { Vendor } from '../../router-config/vendors/vendor.ts';
import { writeSarif } from '../lint/sarif.ts';
import type { Diagnostic } from '../load.ts';
import { writeJsonArray } from '../plan-json.ts';
import type { StreamWriter } from '../stream-writer.ts';
import { diagnosticsText, tallyText } from '../text/diagnostics.ts';
import { printable } from '../text/printable.ts';
import type { Style } from '../text/style.ts';
import { counted } from '../text/table.ts';
import { version } from '../version.ts';

/** A finding about a running configuration: the contract's form, with the commands that remedy it. */
export interface CheckDiagnostic extends Diagnostic {
  readonly commands: readonly string[];
}

/** What the rules of the command are called, for code scanning. */
const TOOL = { name: 'metallb router-config', rules: [...ROUTER_RULES, ...CHECK_RULES] };

/** @param file - the running configuration. */
export const checkDiagnostic = (
  { rule, severity, message, help, object, path, line, commands }: CheckFinding,
  file: string,
): CheckDiagnostic => ({
  rule,
  severity,
  message,
  help,
  object,
  path: formatFieldPath(path),
  file,
  line,
  column: 1,
  commands,
});

export const hasError = (findings: readonly Pick<Finding, 'severity'>[]): boolean =>
  findings.some(({ severity }) => severity === 'error');

/** A router with what was made for it. */
export interface Written {
  readonly router: Router;
  readonly generated: Generated;
}

/** `{ routers, diagnostics }`. */
export async function writeConfigurationsJson(
  writer: StreamWriter,
  written: readonly Written[],
  vendor: Vendor,
  diagnostics: readonly Diagnostic[],
): Promise<void> {
  writer.write('{\n  "routers": ');
  await writeJsonArray(
    writer,
    written.map(({ router, generated }) => ({
      address: formatIp(router.address),
      asn: router.asn,
      peers: router.groups.map(({ peer }) => peer.name),
      vendor: vendor.name,
      evidence: vendor.evidence,
      configuration: generated.text,
    })),
    '  ',
  );
  writer.write(',\n  "diagnostics": ');
  await writeJsonArray(writer, diagnostics, '  ');
  writer.write('\n}\n');
}

/** How a running configuration differs, in the form that is asked for. */
export async function writeCheck(
  writer: StreamWriter,
  form: 'text' | 'json' | 'sarif',
  { router, vendor, passedOver, diagnostics }: CheckResult,
  style: Style,
): Promise<void> {
  switch (form) {
    case 'json':
      writer.write(
        `{\n  "router": ${JSON.stringify(formatIp(router.address))},\n  "vendor": ${JSON.stringify(vendor.name)},\n  "linesPassedOver": ${passedOver},\n  "diagnostics": `,
      );
      await writeJsonArray(writer, diagnostics, '  ');
      writer.write('\n}\n');
      break;
    case 'sarif': {
      const withCommands = diagnostics.map((one) => ({ ...one, help: [one.help, ...one.commands].join('\n') }));
      await writeSarif(writer, withCommands, [], version(), TOOL);
      break;
    }
    case 'text':
      for (const diagnostic of diagnostics) writer.write(diagnosticText(diagnostic, style));
      writer.write(
        `${diagnostics.length > 0 ? '\n' : ''}Router ${formatIp(router.address)}: ${tallyText(diagnostics, style)} (${counted(passedOver, 'line')} passed over)\n`,
      );
      break;
  }
}

export interface CheckResult {
  readonly router: Router;
  readonly vendor: Vendor;
  /** Lines that were not understood. */
  readonly passedOver: number;
  readonly diagnostics: readonly CheckDiagnostic[];
}

const diagnosticText = (diagnostic: CheckDiagnostic, style: Style): string =>
  diagnosticsText([diagnostic], style) +
  diagnostic.commands.map((command) => `       ${printable(command)}\n`).join('');
