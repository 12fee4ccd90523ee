/** Undoes what was started, the last step first. */

/**
 * Empties the list, so that a second call does nothing. A step that fails keeps no other from being undone: the store
 * is closed in any case. Rejects with the first failure once all is done.
 */
export async function undoSteps(steps: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps.splice(0).reverse()) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
