/** What a caught value says of itself, whatever it is. */
export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
