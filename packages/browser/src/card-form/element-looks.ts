/** Gives Stripe's fields the colors of the dialog around them. */
import type { Appearance } from '@stripe/stripe-js'
import type { Look } from '../dialog/look.ts'

type Variants = Readonly<Record<string, object>>

/** @param own the page's `style`, which wins variant by variant */
export function cardStyle(look: Look, own: object = {}): object {
  const given = own as Variants
  return {
    ...given,
    base: {
      color: look.text,
      iconColor: look.muted,
      fontFamily: look.font,
      // Below 16 pixels a phone zooms into the field.
      fontSize: '16px',
      '::placeholder': { color: look.muted },
      ...given['base'],
    },
    invalid: { color: look.danger, iconColor: look.danger, ...given['invalid'] },
  }
}

export function paymentAppearance(look: Look): Appearance {
  return {
    theme: look.dark ? 'night' : 'stripe',
    variables: {
      colorPrimary: look.accent,
      colorBackground: look.field,
      colorText: look.text,
      colorTextSecondary: look.muted,
      colorTextPlaceholder: look.muted,
      colorDanger: look.danger,
      fontFamily: look.font,
      borderRadius: look.radius,
    },
  }
}
