/** The types of answers are written here and in the server: they must say the same. Checked by the type checker. */
import { expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import type { pageConfigSchema } from '../../server/src/pages/page-config.ts'
import type { paymentSchema } from '../../server/src/payment-state/payment-json.ts'
import type { paymentAnswerSchema } from '../../server/src/payments/doors/payment-answer.ts'
import type { PageConfig, Payment } from '../src/index.ts'

/** The page names the values of two fields that the server takes from Stripe as they are. */
type AsTheServerSaysIt = Omit<Payment, 'status' | 'capture_method'>

test('what the server answers fits its type here, and has no field that is missing here', () => {
  expectTypeOf<z.output<typeof paymentAnswerSchema>>().toExtend<AsTheServerSaysIt>()
  expectTypeOf<z.output<typeof paymentSchema>>().toExtend<AsTheServerSaysIt>()
  expectTypeOf<keyof z.output<typeof paymentAnswerSchema>>().toEqualTypeOf<keyof Payment>()
  expectTypeOf<z.output<typeof pageConfigSchema>>().toExtend<PageConfig>()
  expectTypeOf<keyof z.output<typeof pageConfigSchema>>().toEqualTypeOf<keyof PageConfig>()
})
