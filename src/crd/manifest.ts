/** The CustomResourceDefinition of each kind as an object: what is applied to a cluster, and what the embedded API server starts with. */
import { CRD_KINDS, type CrdKind, type CrdVersion } from './kinds.ts';
import type { PrinterColumn } from './printer-columns.ts';
import { type StructuralSchema, structuralSchemaOf } from './structural.ts';

export const API_GROUP = 'metallb.io';

/** A CustomResourceDefinition (apiextensions.k8s.io/v1) as ours are. */
export interface CrdManifest {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced';
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
      readonly categories?: readonly string[];
    };
    readonly conversion: { readonly strategy: 'None' };
    readonly versions: readonly CrdVersionManifest[];
  };
}

export interface CrdVersionManifest {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: true;
  readonly deprecationWarning?: string;
  readonly schema: { readonly openAPIV3Schema: StructuralSchema };
  readonly subresources: { readonly status: Readonly<Record<string, never>> };
  readonly additionalPrinterColumns: readonly PrinterColumn[];
}

/** Both sets of labels by which MetalLB's objects are found (docs/decisions.md 8). */
const LABELS = { app: 'metallb', 'app.kubernetes.io/name': 'metallb' };

const CATEGORIES = ['all', 'metallb'];

/** The CRDs of all kinds, by kind. */
export const crdManifests = (): readonly CrdManifest[] => CRD_KINDS.map(crdManifest);

function crdManifest(kind: CrdKind): CrdManifest {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${API_GROUP}`, labels: LABELS },
    spec: {
      group: API_GROUP,
      scope: 'Namespaced',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
        ...(kind.configuration ? { categories: CATEGORIES } : {}),
      },
      conversion: { strategy: 'None' },
      versions: kind.versions.map((version, i) => versionOf(kind, version, i === kind.versions.length - 1)),
    },
  };
}

function versionOf(kind: CrdKind, version: CrdVersion, storage: boolean): CrdVersionManifest {
  const { deprecationWarning } = version;
  return {
    name: version.name,
    served: true,
    storage,
    ...(deprecationWarning === null ? {} : { deprecated: true, deprecationWarning }),
    schema: { openAPIV3Schema: rootSchema(kind, version) },
    subresources: { status: {} },
    additionalPrinterColumns: kind.columns,
  };
}

const rootSchema = ({ description, specRequired }: CrdKind, { spec, status }: CrdVersion): StructuralSchema => ({
  type: 'object',
  description,
  properties: {
    apiVersion: { type: 'string', description: 'The version of the API in which the object is written.' },
    kind: { type: 'string', description: 'The kind of the object.' },
    metadata: { type: 'object' },
    ...(spec === null ? {} : { spec: structuralSchemaOf(spec) }),
    status: structuralSchemaOf(status),
  },
  ...(specRequired ? { required: ['spec'] } : {}),
});
