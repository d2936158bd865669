/** Colours, where there are any. */
import { styleText } from 'node:util';
import type { Severity } from '../../config/problem.ts';
import { hasColour, type Io, type Output } from '../io.ts';

type Format = Parameters<typeof styleText>[0];

/** Puts a text in a style, or leaves it as it is. */
export type Style = (format: Format, text: string) => string;

export const styleFor = (output: Output, env: Io['env']): Style =>
  hasColour(output, env)
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_format, text) => text;

export const SEVERITY_FORMAT: Readonly<Record<Severity, Format>> = {
  error: ['bold', 'red'],
  warning: ['bold', 'yellow'],
  info: ['bold', 'cyan'],
};
