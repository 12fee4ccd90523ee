/** One dialog at a time in a page: who wants to show one takes a turn, and later ones wait in order. */

/** Gives the turn back; further calls do nothing. */
export type EndTurn = () => void

/** Of the whole page, whichever Tollbridge object asks. */
let last: Promise<void> = Promise.resolve()

/**
 * Resolves when it is the caller's turn.
 * @throws what `signal` was aborted with, if that comes first; the place in the queue is then given up
 */
export function takeTurn(signal?: AbortSignal): Promise<EndTurn> {
  const before = last
  let end: EndTurn = () => {}
  const mine = new Promise<void>((resolve) => {
    end = resolve
  })
  // Whoever comes later waits for this turn and for all before it, even if this one is given up.
  last = before.then(() => mine)
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      end()
      reject(signal?.reason)
    }
    if (signal?.aborted) return giveUp()
    signal?.addEventListener('abort', giveUp, { once: true })
    void before.then(() => {
      signal?.removeEventListener('abort', giveUp)
      if (!signal?.aborted) resolve(end)
    })
  })
}
