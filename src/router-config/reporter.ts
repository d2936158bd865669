/** Collects what is found while routers are made of a plan. */
import type { FieldPath, Finding } from '../config/problem.ts';
import { type RouterRuleName, routerFinding } from './rules.ts';

/** What a finding is about; metallb.io objects are in the namespace of the plan. */
export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export class Reporter {
  readonly findings: Finding[] = [];
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  get failed(): boolean {
    return this.findings.some(({ severity }) => severity === 'error');
  }

  /** @param subject - null where the finding is about the input as a whole. */
  report(rule: RouterRuleName, subject: Subject | null, path: FieldPath, message: string, help?: string): void {
    const object = subject === null ? null : { namespace: this.#namespace, ...subject };
    this.findings.push(routerFinding(rule, object, path, message, help));
  }

  /** The same about a BGPPeer. */
  peer(rule: RouterRuleName, { name }: { readonly name: string }, path: FieldPath, message: string): void {
    this.report(rule, { kind: 'BGPPeer', name }, path, message);
  }
}
