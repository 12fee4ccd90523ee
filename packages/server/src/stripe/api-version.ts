/** The API version that every call asks for, and that this code is made for. */
import { Stripe } from 'stripe'

export const API_VERSION: string = Stripe.API_VERSION
