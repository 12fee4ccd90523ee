/** How often a random test draws: little in the command of every newcomer, much where a machine has the time. */

/**
 * @param short rounds of a plain `npm test`
 * @returns those times TOLLBRIDGE_TEST_ROUNDS, which CI sets
 */
export function rounds(short: number): number {
  const factor = Number(process.env['TOLLBRIDGE_TEST_ROUNDS'] ?? 1)
  if (!Number.isFinite(factor) || factor < 1)
    throw new Error('TOLLBRIDGE_TEST_ROUNDS must be a number from 1 on')
  return Math.round(short * factor)
}
