/** What a network, and what stands in it, does to a request: the vocabulary of the fault proxy. */

/** What befalls one request. `before`: Stripe never hears of it. `after`: Stripe has done it all the same. */
export type Fault =
  /** The connection is reset; nothing was sent on. */
  | { readonly kind: 'reset_before' }
  /** Half of the request reaches Stripe, then both connections are reset. */
  | { readonly kind: 'reset_during' }
  /** Stripe has answered; the connection is reset before a byte of it is passed on. */
  | { readonly kind: 'reset_after' }
  /** Nobody ever answers; nothing was sent on. */
  | { readonly kind: 'timeout_before' }
  /** Stripe has answered, and nobody ever hears of it. */
  | { readonly kind: 'timeout_after' }
  /** Another answer than Stripe's: 500, 409, 429 and the like; `after`: Stripe has done the work. */
  | { readonly kind: 'status'; readonly status: number; readonly when: 'before' | 'after' }
  /** An answer that nobody at Stripe wrote: the page of a gateway, nothing at all, JSON that is no payment. */
  | {
      readonly kind: 'foreign_answer'
      readonly status: number
      readonly body: string
      readonly when: 'before' | 'after'
    }
  /** Headers and half of the body of Stripe's answer, then a reset. */
  | { readonly kind: 'half_body' }
  /** Waits before Stripe is asked, or before its answer is passed on. */
  | { readonly kind: 'delay'; readonly ms: number; readonly when: 'before' | 'after' }

/** Every fault once, with small delays: what a table of tests or a random choice takes. */
export const EVERY_FAULT: readonly Fault[] = [
  { kind: 'reset_before' },
  { kind: 'reset_during' },
  { kind: 'reset_after' },
  { kind: 'timeout_before' },
  { kind: 'timeout_after' },
  { kind: 'status', status: 500, when: 'before' },
  { kind: 'status', status: 500, when: 'after' },
  { kind: 'status', status: 409, when: 'before' },
  { kind: 'status', status: 429, when: 'before' },
  { kind: 'status', status: 401, when: 'before' },
  { kind: 'status', status: 503, when: 'after' },
  { kind: 'foreign_answer', status: 502, body: '<html>Bad Gateway</html>', when: 'after' },
  { kind: 'foreign_answer', status: 200, body: '<html>Please sign in</html>', when: 'before' },
  { kind: 'foreign_answer', status: 200, body: '', when: 'after' },
  { kind: 'foreign_answer', status: 200, body: '{}', when: 'before' },
  {
    kind: 'foreign_answer',
    status: 200,
    body: '{"object":"payment_intent","id":"pi_ofSomebodyElse"}',
    when: 'after',
  },
  { kind: 'foreign_answer', status: 404, body: 'Not Found', when: 'after' },
  { kind: 'foreign_answer', status: 302, body: '', when: 'before' },
  { kind: 'half_body' },
  { kind: 'delay', ms: 50, when: 'before' },
  { kind: 'delay', ms: 50, when: 'after' },
]

/** Tells faults apart: `status 500 after`. */
export function nameOfFault({ kind, ...rest }: Fault): string {
  return [kind, ...Object.values(rest)].join(' ')
}
