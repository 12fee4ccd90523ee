import { expect, test } from 'vitest'
import { undoSteps } from './undo-steps.ts'

test('every step is undone, the last first, even if one of them fails; the first failure is told', async () => {
  const undone: string[] = []
  const steps = [
    async () => void undone.push('store'),
    async () => {
      throw new Error('the local Stripe hangs')
    },
    async () => {
      undone.push('app')
      throw new Error('the app hangs')
    },
  ]
  await expect(undoSteps(steps)).rejects.toThrow('the app hangs')
  expect(undone).toEqual(['app', 'store'])
  await undoSteps(steps)
  expect(undone).toHaveLength(2)
})
