/** The example shops: a handler for requests below one path, and what a page that lists them says. */
export { createExamples, type Examples } from './harness/create-examples.ts'
export type { ShopLink } from './harness/shop.ts'
