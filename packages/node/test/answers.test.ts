/** The types of answers are written here and in the server: they must say the same. Checked by the type checker. */
import { expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import type { pageConfigSchema } from '../../server/src/pages/page-config.ts'
import type { paymentSchema } from '../../server/src/payment-state/payment-json.ts'
import type {
  paymentAnswerSchema,
  refundAnswerSchema,
} from '../../server/src/payments/doors/payment-answer.ts'
import type { setupIntentAnswerSchema } from '../../server/src/payments/doors/setup-intent-answer.ts'
import type { timelineSchema } from '../../server/src/payments/doors/timeline.ts'
import type { quoteAnswer } from '../../server/src/pricing/answers.ts'
import type { messageAnswer, sessionAnswer } from '../../server/src/ui-messages/schema.ts'
import type {
  PageConfig,
  Payment,
  PaymentFacts,
  Quote,
  RefundedPayment,
  SetupIntent,
  TimelineEntry,
  UiMessageState,
  UiSession,
} from '../src/index.ts'

test('every answer of the server fits its type here, and has no field that is missing here', () => {
  expectTypeOf<z.output<typeof paymentSchema>>().toExtend<PaymentFacts>()
  expectTypeOf<keyof z.output<typeof paymentSchema>>().toEqualTypeOf<keyof PaymentFacts>()
  expectTypeOf<z.output<typeof paymentAnswerSchema>>().toExtend<Payment>()
  expectTypeOf<keyof z.output<typeof paymentAnswerSchema>>().toEqualTypeOf<keyof Payment>()
  expectTypeOf<z.output<typeof refundAnswerSchema>>().toExtend<RefundedPayment>()
  expectTypeOf<keyof z.output<typeof refundAnswerSchema>>().toEqualTypeOf<keyof RefundedPayment>()
  expectTypeOf<z.output<typeof setupIntentAnswerSchema>>().toExtend<SetupIntent>()
  expectTypeOf<keyof z.output<typeof setupIntentAnswerSchema>>().toEqualTypeOf<keyof SetupIntent>()
  expectTypeOf<z.output<typeof quoteAnswer>>().toExtend<Quote>()
  expectTypeOf<keyof z.output<typeof quoteAnswer>>().toEqualTypeOf<keyof Quote>()
  expectTypeOf<z.output<typeof timelineSchema>['data'][number]>().toExtend<TimelineEntry>()
  expectTypeOf<z.output<typeof pageConfigSchema>>().toExtend<PageConfig>()
  expectTypeOf<keyof z.output<typeof pageConfigSchema>>().toEqualTypeOf<keyof PageConfig>()
  expectTypeOf<z.output<typeof sessionAnswer>>().toExtend<UiSession>()
  expectTypeOf<keyof z.output<typeof sessionAnswer>>().toEqualTypeOf<keyof UiSession>()
  expectTypeOf<z.output<typeof messageAnswer>>().toExtend<UiMessageState>()
})
