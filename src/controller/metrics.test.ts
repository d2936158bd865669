import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricsText } from '../daemon/metrics-text.ts';
import { CONTROLLER_METRICS, type ControllerView } from './metrics.ts';
import { Stage } from './testing/stage.ts';

describe('the metrics of a controller', () => {
  it('are made of a view: pools, writes, leadership, sources', async () => {
    const stage = new Stage();
    stage.pool('web', '192.0.2.0/30', '2001:db8::/126');
    const controller = stage.start();
    await stage.run(2_000);
    for (let i = 0; i < 5; i++) stage.service(`s${i}`);
    await stage.run(2_000);
    const read = (): ControllerView => ({ ...controller.metrics(), process: { residentBytes: 1, cpuSeconds: 1 } });
    const text = await metricsText(CONTROLLER_METRICS, read)();
    for (const line of [
      'metallb_allocator_addresses_total{pool="web"} 8',
      'metallb_allocator_ipv4_addresses_total{pool="web"} 4',
      'metallb_allocator_ipv6_addresses_total{pool="web"} 4',
      'metallb_allocator_addresses_in_use_total{pool="web"} 4',
      'metallb_allocator_ipv4_addresses_in_use_total{pool="web"} 4',
      'metallb_allocator_services_allocated_total{pool="web"} 4',
      'metallb_k8s_client_config_loaded_bool 1',
      'metallb_k8s_client_config_stale_bool 0',
      'metallb_k8s_client_update_errors_total 0',
      'metallb_controller_leader_bool 1',
      'metallb_controller_services_assigned 4',
      'metallb_controller_services_pending 1',
      'metallb_controller_writes_total{resource="services",outcome="written"} 4',
      'metallb_controller_reflector_synced_bool{resource="services"} 1',
      'metallb_controller_reflector_objects{resource="services"} 5',
    ])
      expect(text.split('\n')).toContain(line);
    await controller.stop();
  });

  it('are those of the reference', () => {
    const reference = readFileSync(join(import.meta.dirname, '../../docs/reference/controller-metrics.md'), 'utf8');
    expect(reference.split('\n').filter((line) => line.startsWith('| `'))).toEqual(
      Object.entries(CONTROLLER_METRICS).map(
        ([name, { type, labels, help }]) =>
          `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ') || '-'} | ${help} |`,
      ),
    );
  });

  it('have help and only names that Prometheus takes', () => {
    for (const [name, { help, labels }] of Object.entries(CONTROLLER_METRICS)) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(help.length).toBeGreaterThan(10);
      for (const label of labels) expect(label).toMatch(/^[a-z]+$/);
    }
  });
});
