/** A CustomResourceDefinition with everything that ours use, and some more. */
import type { Json, Manifest } from './client.ts';

export const GROUP = 'contract.example.com';

const CONDITION: Json = {
  type: 'object',
  required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  properties: {
    type: { type: 'string' },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    reason: { type: 'string' },
    message: { type: 'string' },
    lastTransitionTime: { type: 'string', format: 'date-time' },
    observedGeneration: { type: 'integer', format: 'int64' },
  },
};

const SPEC: Json = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 10, description: 'How large it is.' },
    color: { type: 'string', enum: ['red', 'green'], default: 'red' },
    label: { type: 'string', pattern: '^[a-z]+$', maxLength: 6 },
    serial: {
      type: 'string',
      maxLength: 20,
      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'a serial stays' }],
    },
    tags: { type: 'array', maxItems: 2, items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    parts: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string' },
          count: { type: 'integer', default: 1, minimum: 0 },
        },
      },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
    box: {
      type: 'object',
      properties: { lid: { type: 'boolean', default: true }, lock: { type: 'boolean' } },
      'x-kubernetes-validations': [
        {
          rule: '!has(self.lock) || !self.lock || self.lid',
          messageExpression: "'no lid to lock on ' + (self.lid ? 'that' : 'this') + ' box'",
          reason: 'FieldValueForbidden',
          fieldPath: '.lock',
        },
      ],
    },
    amount: { 'x-kubernetes-int-or-string': true },
    extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    note: { type: 'string', nullable: true },
    since: { type: 'string', format: 'date-time' },
  },
  'x-kubernetes-validations': [
    {
      rule: "!has(self.label) || self.label != 'small' || self.size <= 2",
      message: 'what is called small has at most size 2',
    },
  ],
};

const STATUS: Json = {
  type: 'object',
  properties: {
    phase: { type: 'string' },
    conditions: {
      type: 'array',
      items: CONDITION,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    },
  },
};

const AGE: Json = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** The definition; with another plural it is another kind of the same make. */
export function widgetDefinition(plural = 'widgets'): Manifest {
  const singular = plural.replace(/s$/, '');
  const kind = `${singular.charAt(0).toUpperCase()}${singular.slice(1)}`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        plural,
        singular,
        kind,
        categories: ['things'],
        ...(plural === 'widgets' ? { shortNames: ['wd'] } : {}),
      },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', required: ['spec'], properties: { spec: SPEC, status: STATUS } },
          },
          subresources: { status: {} },
          selectableFields: [{ jsonPath: '.spec.color' }],
          additionalPrinterColumns: [
            { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
            { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
            { name: 'Parts', type: 'string', jsonPath: '.spec.parts[*].name', priority: 1 },
            AGE,
          ],
        },
        {
          name: 'v1alpha1',
          served: true,
          storage: false,
          deprecated: true,
          deprecationWarning: `${GROUP}/v1alpha1 ${kind} is deprecated; use ${GROUP}/v1 ${kind}`,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: {
                    size: { type: 'integer' },
                    color: { type: 'string', default: 'red' },
                  },
                },
              },
            },
          },
          additionalPrinterColumns: [AGE],
        },
      ],
    },
  };
}
