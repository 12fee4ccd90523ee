/** The React entry: the same payments, as components and hooks. Needs React 18 or later, and @stripe/react-stripe-js. */
'use client'

export { PayButton, type PayButtonProps, type PayButtonTexts } from './pay-button.tsx'
export { TollbridgeElements, type TollbridgeElementsProps } from './tollbridge-elements.tsx'
export { TollbridgeProvider, type TollbridgeProviderProps, useTollbridge } from './tollbridge-provider.tsx'
export { type PaymentState, type UsePayment, usePayment } from './use-payment.ts'
export { useWatch, type WatchState } from './use-watch.ts'
