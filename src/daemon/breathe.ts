/**
 * Lets others have their turn between slices of work: for a millisecond, in which V8's marker, which runs beside, also catches up with what was
 * allocated. Without a pause the heap of a daemon that takes ten thousand Services in grows by half while it is marked.
 */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
