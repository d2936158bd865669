/** Names as values of labels, which hold 63 characters where a name may have 253. */

const MAX_LABEL = 63;

/** Whether a label can have this name as its value. */
export const fitsLabel = (name: string): boolean => name.length <= MAX_LABEL;

/** The label, or none where the name is too long: half a name would be somebody else's. */
export const nameLabel = (key: string, name: string): Readonly<Record<string, string>> =>
  fitsLabel(name) ? { [key]: name } : {};
