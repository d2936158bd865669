/** Places in an object, as Kubernetes writes them in its messages: `spec.ports[0].port`. */

export const fieldPath = (parent: string, name: string): string => (parent === '' ? name : `${parent}.${name}`);

export const indexPath = (parent: string, index: number): string => `${parent}[${index}]`;

export const keyPath = (parent: string, key: string): string => `${parent}[${key}]`;
