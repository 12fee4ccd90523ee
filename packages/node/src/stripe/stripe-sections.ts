/** The types of the old section names: everything of Stripe's below each of them. */
import type { StripeSection } from './sections.ts'
import type { StripeTree } from './stripe-tree.ts'

/** What Stripe itself has below the name comes first, as in `issuing.disputes`. */
export type StripeSections = {
  readonly [Section in StripeSection]: Section extends keyof StripeTree
    ? StripeTree[Section] & Omit<StripeTree, keyof StripeTree[Section]>
    : StripeTree
}
