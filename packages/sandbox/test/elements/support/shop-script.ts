/** What the shop's page runs: the official loader and React bindings, as a shop would bundle them. */
import { CardElement, Elements, PaymentElement, useElements, useStripe } from '@stripe/react-stripe-js'
import { loadStripe } from '@stripe/stripe-js/pure/index.js'
import { createElement, StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'

Object.assign(window, {
  shop: {
    loadStripe,
    react: {
      CardElement,
      createElement,
      createRoot,
      Elements,
      PaymentElement,
      StrictMode,
      useElements,
      useState,
      useStripe,
    },
  },
})
