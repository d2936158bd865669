import { expect, it } from 'vitest';
import { createLogger } from '../io/logger.ts';
import type { ReflectorHealth } from '../kube/reflector.ts';
import { healthLog } from './health-log.ts';

const WELL: ReflectorHealth = {
  synced: true,
  error: null,
  failingSince: null,
  lists: 1,
  watches: 1,
  events: 0,
  errors: 0,
  silences: 0,
};
const failing = (error: string): ReflectorHealth => ({ ...WELL, error, failingSince: 1, errors: 1 });

function harness() {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('info', { write: (line: string) => void lines.push(JSON.parse(line)) });
  const said = () => lines.map(({ level, event, resource }) => `${level} ${event} ${resource}`);
  return { tell: healthLog(log), lines, said };
}

it('says once that a resource cannot be followed, whatever the error is meanwhile, and once that it can be again', () => {
  const { tell, lines, said } = harness();
  tell('services', WELL);
  for (let i = 0; i < 100; i++) tell('services', failing(`refused ${i}`));
  tell('services', WELL);
  tell('services', WELL);
  expect(said()).toEqual(['warn watchFailing services', 'info watchRestored services']);
  expect(lines[0]).toMatchObject({ error: 'refused 0', synced: true });
  tell('services', failing('refused'));
  expect(said()).toHaveLength(3);
});

it('keeps resources apart', () => {
  const { tell, said } = harness();
  tell('nodes', failing('refused'));
  for (let i = 0; i < 10; i++) {
    tell('othernodes', WELL);
    tell('nodes', failing('refused'));
  }
  expect(said()).toEqual(['warn watchFailing nodes']);
});

it('says each silence once, however often the same health is told', () => {
  const { tell, said } = harness();
  for (const silences of [1, 1, 2, 2, 2]) tell('nodes', { ...WELL, silences });
  expect(said()).toEqual(['info watchSilent nodes', 'info watchSilent nodes']);
});
