import { expect, test } from 'vitest'
import { stripeEventColumns } from '../../store/event-columns.ts'
import { describeStripeEvents } from './describe-stripe-events.ts'

test('the description lists every column with its type', () => {
  const columns = describeStripeEvents()
  expect(columns.map(({ name }) => name)).toEqual(Object.keys(stripeEventColumns))
  expect(columns).toContainEqual(
    expect.objectContaining({ name: 'objectId', type: 'STRING_ID', isPrimaryKey: true, required: true }),
  )
  expect(columns).toContainEqual(
    expect.objectContaining({ name: 'created', type: 'DATETIME', required: true }),
  )
  expect(columns).toContainEqual(expect.objectContaining({ name: 'amount', type: 'INT', required: false }))
})
