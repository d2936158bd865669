/** The lines of a watch's answer, as they come. */
import type { Readable } from 'node:stream';
import { LineSplitter } from './line-splitter.ts';
import { cutOff } from './rest-answer.ts';

/** A burst comes in chunks of dozens of events: after so many others have their turn, and nothing more is read meanwhile. */
const LINES_AT_ONCE = 8;

/**
 * Hands over each line; none any more once the answer was destroyed.
 *
 * @param maxLength - of a line, in UTF-16 units.
 * @throws {KubeError} where the answer is cut off, also in the middle of a line
 * @throws {RangeError} where a line is longer than allowed
 * @throws what `onLine` throws, which ends the answer
 */
export function eachLine(answer: Readable, maxLength: number, onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const lines = new LineSplitter(maxLength);
    let waiting: readonly string[] = [];
    // An answer ends when its last octets are read, also while their lines still wait.
    let hasEnded = false;
    const handOver = (): void => {
      if (answer.destroyed && !hasEnded) return;
      const [now, later] = [waiting.slice(0, LINES_AT_ONCE), waiting.slice(LINES_AT_ONCE)];
      waiting = later;
      for (const line of now) onLine(line);
      if (later.length > 0) setImmediate(() => attempt(handOver));
      else if (hasEnded) end();
      else answer.resume();
    };
    const end = (): void => (lines.isInsideLine ? reject(cutOff('watch')) : resolve());
    const attempt = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        reject(error);
        answer.destroy();
      }
    };
    answer.on('data', (chunk: Buffer) =>
      attempt(() => {
        waiting = lines.take(chunk);
        if (waiting.length > LINES_AT_ONCE) answer.pause();
        handOver();
      }),
    );
    answer.on('end', () => {
      hasEnded = true;
      if (waiting.length === 0) end();
    });
    answer.on('error', (error) => reject(cutOff('watch', error)));
    answer.on('close', () => {
      if (!hasEnded) reject(cutOff('watch'));
    });
  });
}
