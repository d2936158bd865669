/** What a manifest's roles allow a service account, and which of it an audit log shows to have been used. */
import { parseAllDocuments } from 'yaml';

/** One verb on one resource, as an audit event names it. */
export interface Grant {
  readonly account: string;
  readonly verb: string;
  /** With its group and, behind a slash, its subresource: `metallb.io/bgppeers/status`. */
  readonly resource: string;
  /** The namespace of a Role; null: a ClusterRole's, for the objects outside of our own namespace. */
  readonly namespace: string | null;
  /** Empty: all of them. */
  readonly names: readonly string[];
}

/** A request, as far as it matters here. */
export interface AuditEvent {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly annotations?: Readonly<Record<string, string>>;
}

interface RbacObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
}

const resourceOf = (group: string, resource: string): string => (group === '' ? resource : `${group}/${resource}`);

/** The user name of a service account. */
export const userOf = (account: string, namespace: string): string => `system:serviceaccount:${namespace}:${account}`;

/** Every grant of the manifest's bindings. */
export function grantsOf(manifest: string): readonly Grant[] {
  const objects = parseAllDocuments(manifest).map((document) => document.toJS() as RbacObject);
  return objects.flatMap(({ kind, metadata, roleRef, subjects = [] }) => {
    if (roleRef === undefined) return [];
    const namespace = kind === 'RoleBinding' ? (metadata.namespace ?? '') : null;
    const role = objects.find((object) => object.kind === roleRef.kind && object.metadata.name === roleRef.name);
    if (role === undefined) throw new Error(`${kind} ${metadata.name}: there is no ${roleRef.kind} ${roleRef.name}`);
    return subjects.flatMap(({ name: account }) =>
      (role.rules ?? []).flatMap(({ apiGroups, resources, verbs, resourceNames = [] }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) =>
            verbs.map((verb) => ({
              account,
              verb,
              resource: resourceOf(group, resource),
              namespace,
              names: resourceNames,
            })),
          ),
        ),
      ),
    );
  });
}

/** Whether the request needed this grant: what a Role of its own namespace would have allowed too needs no ClusterRole. */
export function isUseOf(grant: Grant, event: AuditEvent, own: string): boolean {
  const { apiGroup = '', resource = '', subresource, namespace = '', name = '' } = event.objectRef ?? {};
  const path = subresource === undefined ? resource : `${resource}/${subresource}`;
  return (
    event.user.username === userOf(grant.account, own) &&
    event.verb === grant.verb &&
    resourceOf(apiGroup, path) === grant.resource &&
    (grant.namespace === null ? namespace !== own : namespace === grant.namespace) &&
    (grant.names.length === 0 || grant.names.includes(name))
  );
}

/** Refused for want of a right. */
export const isForbidden = ({ annotations }: AuditEvent): boolean =>
  annotations?.['authorization.k8s.io/decision'] === 'forbid';

export const grantText = ({ account, verb, resource, namespace, names }: Grant): string =>
  `${account}: ${verb} ${resource}${names.length === 0 ? '' : ` ${names.join(' ')}`} in ${namespace ?? 'the cluster'}`;
