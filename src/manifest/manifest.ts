/**
 * A file's text to its documents: YAML or JSON, one or several, each with positions.
 *
 * The text is cut at the document markers first, as kubectl does, and each part is read for itself: memory follows the documents, and
 * finding the place of a fault reads one part again.
 */
import type { FieldPath, Position } from '../config/problem.ts';
import { err, ok, type Result } from '../result.ts';
import { type SyntaxFault, type TextDocument, TextPositions } from './document.ts';
import { readJson } from './json-text.ts';
import { type DisableComment, disableComments } from './lint-comments.ts';
import { readYaml } from './yaml-text.ts';

/** The longest text that is read, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 64 * 1024 * 1024;

/** A file that was read: its documents that are not empty, in order. */
export interface ManifestFile {
  readonly file: string;
  readonly documents: readonly ManifestDocument[];
  /** The comments that silence lint, in their order. */
  readonly disables: readonly DisableComment[];
}

/** One document: JSON, with the place of each part of it. */
export interface ManifestDocument {
  readonly value: unknown;
  /** The place of the deepest node on the path that exists. */
  locate(path: FieldPath): Position;
}

/** Why a file cannot be parsed at all; the message quotes nothing of it. */
export interface ParseFailure extends Position {
  readonly message: string;
}

/** Reads the documents of one file. Never throws; one fault of syntax refuses the whole file, as `kubectl apply` does. */
export function parseManifests(file: string, text: string): Result<ManifestFile, ParseFailure> {
  if (text.length > MAX_TEXT_LENGTH)
    return err({ file, line: 1, column: 1, message: `longer than ${MAX_TEXT_LENGTH / 1024 / 1024} MiB` });
  const content = text.startsWith('\ufeff') ? text.slice(1) : text;
  const positions = new TextPositions(file, content);
  const documents: ManifestDocument[] = [];
  for (const [start, end] of partsOf(content)) {
    const part = readPart(content.slice(start, end), start);
    if (!part.ok) return err({ ...positions.at(part.error.offset), message: part.error.message });
    for (const document of part.value) {
      if (document.value === null) continue;
      documents.push({ value: document.value, locate: (path) => positions.at(document.offsetOf(path)) });
    }
  }
  return ok({ file, documents, disables: disableComments(content, positions) });
}

function readPart(text: string, base: number): Result<readonly TextDocument[], SyntaxFault> {
  if (/^\s*\{/.test(text)) {
    const json = readJson(text, base);
    if (json.ok || !json.error.foreign) return json;
  }
  return readYaml(text, base);
}

/** The parts between the document markers. A text with directives stays whole: they belong to the document that follows them. */
function partsOf(text: string): readonly (readonly [start: number, end: number])[] {
  if (/^%/m.test(text)) return [[0, text.length]];
  const parts: [number, number][] = [];
  let start = 0;
  for (const marker of text.matchAll(/^---(?=[ \t\r\n]|$)/gm)) {
    parts.push([start, marker.index]);
    // The marker itself is left out unless something follows it in its line, which then belongs to the document.
    start = marker.index + 3;
  }
  parts.push([start, text.length]);
  return parts.filter(([from, to]) => text.slice(from, to).trim() !== '');
}
