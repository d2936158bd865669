/** Kubernetes label selectors. */

/** One selector: everything in it must match (`matchLabels` are kept as `In` with one value). An empty one matches everything. */
export interface Selector {
  readonly requirements: readonly Requirement[];
}

export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;
