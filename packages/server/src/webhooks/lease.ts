/** How long an event is one worker's before another may take it: far longer than handling takes. */
export const LEASE_MS = 30_000
