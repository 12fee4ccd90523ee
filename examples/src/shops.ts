/** The shops, in the order in which they are offered. */
import { backendlessShop } from './backendless-shop/server.ts'
import type { Shop } from './harness/shop.ts'
import { modalCheckout } from './modal-checkout/server.ts'
import { payButton } from './pay-button/server.ts'

export const shops: readonly Shop[] = [payButton, modalCheckout, backendlessShop]
