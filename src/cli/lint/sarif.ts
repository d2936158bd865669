/**
 * Findings as SARIF 2.1.0 (OASIS), the form that code scanning reads.
 *
 * One run. Every rule is in the driver with its help; every finding is a result with its place, an object and field as logical location, and a
 * fingerprint that stays the same when lines move. What comments silence is there as suppressed, with the reason. Columns count UTF-16 units,
 * as everywhere here, and SARIF's default too. A severity `info` is SARIF's `note`.
 */

import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CATALOGUE } from '../../lint/catalogue.ts';
import type { DocumentedRule } from '../../lint/rule.ts';
import { sha256Hex } from '../../wire/digest.ts';
import type { Diagnostic, SilencedDiagnostic } from '../load.ts';
import { writeJsonArray } from '../plan-json.ts';
import type { StreamWriter } from '../stream-writer.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const;

/** What found the findings: the command, and all rules that it has. */
export interface SarifTool {
  readonly name: string;
  readonly rules: readonly DocumentedRule[];
}

const LINT: SarifTool = { name: 'metallb lint', rules: CATALOGUE };

/** Writes the log. */
export async function writeSarif(
  writer: StreamWriter,
  diagnostics: readonly Diagnostic[],
  silenced: readonly SilencedDiagnostic[],
  version: string,
  tool: SarifTool = LINT,
): Promise<void> {
  writer.write(
    `{\n  "$schema": ${JSON.stringify(SCHEMA)},\n  "version": "2.1.0",\n  "runs": [\n    {\n` +
      `      "tool": {\n        "driver": {\n          "name": ${JSON.stringify(tool.name)},\n          "semanticVersion": ${JSON.stringify(version)},\n          "rules": `,
  );
  await writeJsonArray(writer, tool.rules.map(descriptorOf), '          ');
  writer.write('\n        }\n      },\n      "columnKind": "utf16CodeUnits",\n      "results": ');
  await writeJsonArray(writer, results(diagnostics, silenced, tool.rules), '      ');
  writer.write('\n    }\n  ]\n}\n');
}

const descriptorOf = (rule: DocumentedRule) => ({
  id: rule.name,
  shortDescription: { text: `${rule.summary}.` },
  fullDescription: { text: rule.why.replaceAll('\n', ' ') },
  help: { text: rule.help, markdown: helpOf(rule) },
  defaultConfiguration: { level: LEVELS[rule.severity] },
});

const helpOf = ({ why, help, fires }: DocumentedRule): string =>
  [
    why,
    `**What to do:** ${help}`,
    ...fires.slice(0, 1).map((yaml) => `It fires on:\n\n\`\`\`yaml\n${yaml}\`\`\``),
  ].join('\n\n');

function* results(
  diagnostics: readonly Diagnostic[],
  silenced: readonly SilencedDiagnostic[],
  rules: readonly DocumentedRule[],
) {
  const indexes = new Map(rules.map(({ name }, i) => [name, i]));
  const seen = new Map<string, number>();
  const resultOf = (diagnostic: Diagnostic) => {
    const ruleIndex = indexes.get(diagnostic.rule);
    return {
      ruleId: diagnostic.rule,
      ...(ruleIndex === undefined ? {} : { ruleIndex }),
      level: LEVELS[diagnostic.severity],
      message: { text: diagnostic.help === '' ? diagnostic.message : `${diagnostic.message}\n${diagnostic.help}` },
      locations: [locationOf(diagnostic)],
      partialFingerprints: { 'metallbLint/v1': fingerprintOf(diagnostic, seen) },
    };
  };
  for (const diagnostic of diagnostics) yield resultOf(diagnostic);
  for (const diagnostic of silenced)
    yield { ...resultOf(diagnostic), suppressions: [{ kind: 'inSource', justification: diagnostic.reason }] };
}

function locationOf({ file, line, column, object, path }: Diagnostic) {
  const name =
    object === null ? '' : `${object.kind}/${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}`;
  return {
    ...(file === null || line === null || column === null
      ? {}
      : {
          physicalLocation: {
            artifactLocation: { uri: uriOf(file) },
            region: { startLine: line, startColumn: column },
          },
        }),
    ...(name === ''
      ? {}
      : { logicalLocations: [{ fullyQualifiedName: path === '' ? name : `${name}#${path}`, kind: 'object' }] }),
  };
}

/** A relative path stays relative, for whoever knows the root of the repository. */
const uriOf = (file: string): string =>
  isAbsolute(file)
    ? pathToFileURL(file).href
    : file
        .split(/[\\/]/)
        .map(encodeURIComponent)
        .join('/')
        .replace(/^(?:\.\/)+/, '');

/** Of what the finding is about, not of where it stands or how it is worded: so it outlives edits above it. */
function fingerprintOf({ rule, object, path, file }: Diagnostic, seen: Map<string, number>): string {
  const digest = sha256Hex(JSON.stringify([rule, object ?? file, path]));
  const count = seen.get(digest) ?? 0;
  seen.set(digest, count + 1);
  return `${digest.slice(0, 32)}:${count + 1}`;
}
