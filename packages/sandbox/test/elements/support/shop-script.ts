/** What the shop's page runs: the official loader and React bindings, as a shop would bundle them. */
import {
  CardCvcElement,
  CardElement,
  CardExpiryElement,
  CardNumberElement,
  Elements,
  ExpressCheckoutElement,
  IbanElement,
  PaymentElement,
  useElements,
  useStripe,
} from '@stripe/react-stripe-js'
import { loadStripe } from '@stripe/stripe-js/pure/index.js'
import { createElement, StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'

Object.assign(window, {
  shop: {
    loadStripe,
    react: {
      CardCvcElement,
      CardElement,
      CardExpiryElement,
      CardNumberElement,
      createElement,
      createRoot,
      Elements,
      ExpressCheckoutElement,
      IbanElement,
      PaymentElement,
      StrictMode,
      useElements,
      useState,
      useStripe,
    },
  },
})
