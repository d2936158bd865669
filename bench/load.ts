/** What a speaker costs and how it bears load: latency of changes, memory, CPU at rest, keepalives under load, readers that do not read. */
export async function load(_runs: number): Promise<void> {}
