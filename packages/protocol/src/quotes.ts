/** A quote travels in one field, as a compact JWS. */

/** Characters: room for a hundred items. */
export const LONGEST_QUOTE = 16_384
