/** Findings for a reader: the place first, so that editors and terminals can jump to it. */
import type { Diagnostic } from '../load.ts';
import { printable } from './printable.ts';
import { SEVERITY_FORMAT, type Style } from './style.ts';
import { counted } from './table.ts';

/** Each finding in two lines or three: what to do is said the first time only, where several have the same remedy. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], style: Style, indent = ''): string {
  const said = new Set<string>();
  return diagnostics
    .map((diagnostic) => {
      const text = textOf(said.has(diagnostic.help) ? { ...diagnostic, help: '' } : diagnostic, style, indent);
      said.add(diagnostic.help);
      return text;
    })
    .join('');
}

function textOf(diagnostic: Diagnostic, style: Style, indent: string): string {
  const { rule, severity, message, help, object, path, file, line, column } = diagnostic;
  const place = file === null ? '' : `${style('bold', printable(`${file}:${line}:${column}`))}: `;
  const where =
    object === null ? '' : `${object.kind} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}`;
  const subject = [where, path].filter((part) => part !== '').join(', ');
  const lines = [
    `${place}${style(SEVERITY_FORMAT[severity], severity)}: ${printable(message)} ${style('dim', `[${rule}]`)}`,
    ...(subject === '' ? [] : [`    ${printable(subject)}`]),
    ...(help === '' ? [] : [`    ${style('green', '->')} ${printable(help)}`]),
  ];
  return lines.map((text) => `${indent}${text}\n`).join('');
}

/** `1 error, 2 warnings, 0 infos`. */
export function tallyText(diagnostics: readonly Diagnostic[], style: Style): string {
  const count = (wanted: Diagnostic['severity']): number =>
    diagnostics.filter(({ severity }) => severity === wanted).length;
  const part = (severity: Diagnostic['severity']): string => {
    const text = counted(count(severity), severity);
    return count(severity) > 0 ? style(SEVERITY_FORMAT[severity], text) : text;
  };
  return `${part('error')}, ${part('warning')}, ${part('info')}`;
}
