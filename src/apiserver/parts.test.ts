import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PARTS } from './parts.ts';
import { TestServer } from './testing/server.ts';
import type { Json } from './types.ts';

const definition = (file: string): unknown =>
  parse(readFileSync(new URL(`../../deploy/crds/metallb.io_${file}.yaml`, import.meta.url), 'utf8'));

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const PEERS = '/apis/metallb.io/v1beta2/namespaces/default/bgppeers';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };

function server(): TestServer {
  const made = new TestServer({ parts: PARTS });
  expect(made.send('POST', DEFINITIONS, definition('bgppeers')).status).toBe(201);
  return made;
}

const peer = (spec: Json): Json => ({
  apiVersion: 'metallb.io/v1beta2',
  kind: 'BGPPeer',
  metadata: { name: 'r1' },
  spec: { myASN: 64500, peerASN: 64501, peerAddress: '10.0.0.1', ...spec },
});

describe('the server with its parts', () => {
  it('serves what a definition adds, defaulted and judged by its schema', () => {
    const api = server();
    expect(api.send('POST', PEERS, peer({})).object.spec).toMatchObject({ peerPort: 179 });
    const refused = api.send('POST', PEERS, { ...peer({ peerPort: 70000 }), metadata: { name: 'r2' } });
    expect(refused).toMatchObject({
      status: 422,
      body: {
        reason: 'Invalid',
        message:
          'BGPPeer.metallb.io "r2" is invalid: spec.peerPort: Invalid value: 70000: spec.peerPort in body should be less than or equal to 16384',
      },
    });
  });

  it('refuses, warns of or drops an unknown field, as it is asked to', () => {
    const api = server();
    const typo = peer({ peerAdress: 'x' });
    expect(api.send('POST', `${PEERS}?fieldValidation=Strict`, typo)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('unknown field "spec.peerAdress"') },
    });
    const made = api.send('POST', PEERS, typo);
    expect(made).toMatchObject({ status: 201, headers: { warning: expect.stringContaining('unknown field') } });
    expect(made.object.spec).not.toHaveProperty('peerAdress');
  });

  it('prints tables, in lists and in watches', () => {
    const api = server();
    api.send('POST', PEERS, peer({}));
    const list = api.send('GET', PEERS, undefined, TABLE).body as unknown as { rows: { cells: unknown[] }[] };
    expect(list.rows[0]?.cells.slice(0, 3)).toEqual(['r1', '10.0.0.1', '64501']);
    const watch = api.stream(`${PEERS}?watch=1`, TABLE);
    expect(watch.events()).toMatchObject([{ type: 'ADDED', object: { kind: 'Table', rows: [{}] } }]);
    watch.stop();
  });

  it('applies, and writes nothing where that changes nothing', () => {
    const api = server();
    const at = (manager: string): string => `${PEERS}/r1?fieldManager=${manager}`;
    const first = api.send('PATCH', at('one'), peer({}), APPLY);
    expect(first.status).toBe(201);
    api.clock.advance(5000);
    expect(api.send('PATCH', at('one'), peer({}), APPLY).object).toEqual(first.object);
    expect(api.send('PATCH', at('two'), peer({ peerASN: 64502 }), APPLY)).toMatchObject({
      status: 409,
      body: { details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.peerASN' }] } },
    });
    const forced = api.send('PATCH', `${at('two')}&force=true`, peer({ peerASN: 64502 }), APPLY);
    expect(forced.object.spec).toMatchObject({ peerASN: 64502, peerPort: 179 });
    expect(forced.object.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['one', 'two']);
  });

  it('keeps a status write’s fields apart from the object’s', () => {
    const api = server();
    api.send('PATCH', `${PEERS}/r1?fieldManager=user`, peer({}), APPLY);
    const status = { ...peer({}), status: { nodes: 3, conditions: [] } };
    const applied = api.send('PATCH', `${PEERS}/r1/status?fieldManager=controller`, status, APPLY);
    expect(applied.object.status).toEqual({ nodes: 3, conditions: [] });
    expect(applied.object.metadata.managedFields).toMatchObject([
      { manager: 'controller', subresource: 'status', fieldsV1: { 'f:status': { 'f:nodes': {} } } },
      { manager: 'user' },
    ]);
    const again = api.send('PATCH', `${PEERS}/r1/status?fieldManager=controller`, status, APPLY);
    expect(again.object.metadata.resourceVersion).toBe(applied.object.metadata.resourceVersion);
  });

  it('is found by discovery as soon as it is there', () => {
    const api = server();
    expect(JSON.stringify(api.send('GET', '/apis/metallb.io/v1beta2').body)).toContain('"name":"bgppeers"');
    expect(JSON.stringify(api.send('GET', '/openapi/v3').body)).toContain('apis/metallb.io/v1beta2');
    api.send('DELETE', `${DEFINITIONS}/bgppeers.metallb.io`);
    expect(api.send('GET', '/apis/metallb.io/v1beta2').status).toBe(404);
  });
});
