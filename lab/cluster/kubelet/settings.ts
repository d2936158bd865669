/** What a kubelet of this lab is told when it starts. */
import { readFileSync } from 'node:fs';
import type { ClusterNode } from '../layout.ts';
import type { RestartPolicy } from './restart-backoff.ts';
import type { ShortTokens } from './short-token.ts';

export interface KubeletSettings {
  readonly node: ClusterNode;
  /** The node's network namespace, by name. */
  readonly namespace: string;
  /** Begins the names of the lab's namespaces. */
  readonly prefix: string;
  /** The sandbox's directory, whose ledger the janitor reads. */
  readonly ledger: string;
  /** For the files of Pods and containers. */
  readonly directory: string;
  readonly kubeconfig: string;
  /** PEM files. */
  readonly serving: { readonly certificate: string; readonly key: string };
  readonly clientAuthority: string;
  readonly restarts: RestartPolicy;
  /** Left out: tokens live as long as the API server lets them. */
  readonly shortTokens?: ShortTokens;
  /** The root file system of the product's image. */
  readonly productRoot: string;
}

export const readSettings = (file: string): KubeletSettings => JSON.parse(readFileSync(file, 'utf8'));
