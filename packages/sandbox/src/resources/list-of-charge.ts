/** The list that refunds and disputes have: narrowed by charge, PaymentIntent and time. */
import type { Call } from '../api/call.ts'
import { createdParam, listPage, pageParams } from '../api/list-page.ts'
import { list, type Parsed, text } from '../api/params.ts'
import { ok } from '../api/route.ts'

export const listOfChargeParams = {
  ...pageParams,
  charge: text(),
  created: createdParam,
  expand: list(text()),
  payment_intent: text(),
}

export function listOfCharge(
  call: Call,
  kind: 'refund' | 'dispute',
  params: Parsed<typeof listOfChargeParams>,
) {
  return ok(
    listPage(call, `/v1/${kind}s`, {
      kind,
      page: params,
      created: params.created,
      where: {
        ...(params.charge && { charge: params.charge }),
        ...(params.payment_intent && { payment_intent: params.payment_intent }),
      },
    }),
  )
}
