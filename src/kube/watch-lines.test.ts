import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eachLine } from './watch-lines.ts';

const burst = Array.from({ length: 100 }, (_, i) => `event ${i}`);

function reading(onLine: (line: string) => void = () => {}) {
  const answer = new PassThrough();
  const taken: string[] = [];
  const ended = eachLine(answer, 1_000, (line) => {
    taken.push(line);
    onLine(line);
  });
  ended.catch(() => {});
  return { answer, taken, ended };
}

describe('the lines of a watch', () => {
  it('come in their order, across chunks, and the end comes behind the last', async () => {
    const { answer, taken, ended } = reading();
    answer.write('one\ntw');
    answer.end(`o\n${burst.join('\n')}\n`);
    await ended;
    expect(taken).toEqual(['one', 'two', ...burst]);
  });

  it('leave others their turn in a burst', async () => {
    const { answer, taken } = reading();
    answer.write(`${burst.join('\n')}\n`);
    const progress: number[] = [];
    for (let i = 0; i < 30 && taken.length < burst.length; i++) {
      await turn();
      progress.push(taken.length);
    }
    expect(taken).toEqual(burst);
    expect(Math.max(...progress.map((count, i) => count - (progress[i - 1] ?? 0)))).toBeLessThan(20);
  });

  it('are none any more once the answer was destroyed', async () => {
    const { answer, taken, ended } = reading((line) => {
      if (line === 'event 3') answer.destroy();
    });
    answer.write(`${burst.join('\n')}\n`);
    await expect(ended).rejects.toThrow('ended early');
    for (let i = 0; i < 5; i++) await turn();
    expect(taken.length).toBeLessThan(20);
  });

  it.each([
    ['in the middle of a line', 'one\ntw', /ended early/],
    ['with a line that is too long', `${'x'.repeat(1_001)}\n`, /more than 1000 characters/],
  ])('end with an error %s', async (_, text, message) => {
    const { answer, ended } = reading();
    answer.end(text);
    await expect(ended).rejects.toThrow(message);
  });

  it('end the answer where one of a burst cannot be taken, also behind the first few', async () => {
    const { answer, taken, ended } = reading((line) => {
      if (line === 'event 50') throw new Error('no such event');
    });
    answer.write(`${burst.join('\n')}\n`);
    await expect(ended).rejects.toThrow('no such event');
    expect(answer.destroyed).toBe(true);
    expect(taken).toHaveLength(51);
  });
});
