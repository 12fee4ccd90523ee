/** The shops, in the order in which they are offered. */
import type { Shop } from './harness/shop.ts'

export const shops: readonly Shop[] = []
