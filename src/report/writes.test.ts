import { expect, it } from 'vitest';
import { metricsText } from '../daemon/metrics-text.ts';
import { SERVICE, SPEAKER_STATUS } from '../kube/resource-types.ts';
import { WriteCounts, writeMetrics } from './writes.ts';

it('counts by resource and outcome, and what it told before stays as it was', () => {
  const counts = new WriteCounts();
  counts.note(SERVICE, 'written');
  const before = counts.views;
  counts.note(SERVICE, 'written');
  counts.note(SERVICE, 'failed');
  counts.note(SPEAKER_STATUS, 'failed');
  counts.note(SPEAKER_STATUS, 'dropped');
  expect(before).toEqual([{ resource: 'services', outcome: 'written', count: 1 }]);
  expect(counts.views).toEqual([
    { resource: 'services', outcome: 'written', count: 2 },
    { resource: 'services', outcome: 'failed', count: 1 },
    { resource: 'speakerstatuses', outcome: 'failed', count: 1 },
    { resource: 'speakerstatuses', outcome: 'dropped', count: 1 },
  ]);
  expect(counts.failed).toBe(2);
});

it('is what metrics say, at each scrape', async () => {
  const counts = new WriteCounts();
  const scrape = metricsText(writeMetrics('speaker'), () => ({
    writes: counts.views,
    pendingWrites: 3,
    eventsDropped: 4,
  }));
  counts.note(SERVICE, 'written');
  await scrape();
  counts.note(SERVICE, 'written');
  const text = await scrape();
  expect(text).toContain('metallb_speaker_writes_total{resource="services",outcome="written"} 2');
  expect(text).toContain('metallb_speaker_pending_writes 3');
  expect(text).toContain('metallb_speaker_events_dropped_total 4');
});
