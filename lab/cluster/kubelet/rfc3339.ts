/** A time as Kubernetes writes it in objects: RFC 3339, in UTC, to the second. */
export const rfc3339 = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
