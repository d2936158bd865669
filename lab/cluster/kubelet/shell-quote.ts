/** A text as one word of a shell's command line. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
