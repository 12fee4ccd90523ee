/** Waits for a condition instead of a time. */

/** Waits until `probe` answers something other than null or false; fails loudly after `timeoutMs`. */
export async function eventually<T>(
  probe: () => T | null | false | Promise<T | null | false>,
  { timeoutMs = 10_000, what = 'the condition' }: { timeoutMs?: number; what?: string } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const result = await probe()
    if (result !== null && result !== false) return result
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
