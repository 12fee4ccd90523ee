/** Gives the components below it one Tollbridge object. */
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import { createTollbridge, type Tollbridge, type TollbridgeOptions } from '../create-tollbridge.ts'

export type TollbridgeProviderProps = { readonly children?: ReactNode } & (
  | { readonly tollbridge: Tollbridge }
  | TollbridgeOptions
)

const TollbridgeContext = createContext<Tollbridge | null>(null)

/** Takes a Tollbridge object, or the options of createTollbridge; a changed address, key or locale makes a new one. */
export function TollbridgeProvider({ children, ...given }: TollbridgeProviderProps): ReactNode {
  const options = 'tollbridge' in given ? null : given
  const name =
    options && [options.url, options.appId, options.clientKey, options.stripeJsUrl, options.locale].join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: options are a new object at each render, texts too
  const made = useMemo(() => options && createTollbridge(options), [name])
  const tollbridge = 'tollbridge' in given ? given.tollbridge : made
  return <TollbridgeContext.Provider value={tollbridge}>{children}</TollbridgeContext.Provider>
}

/** @throws Error outside of a TollbridgeProvider */
export function useTollbridge(): Tollbridge {
  const tollbridge = useContext(TollbridgeContext)
  if (tollbridge === null)
    throw new Error('Put a <TollbridgeProvider> around the component that calls useTollbridge.')
  return tollbridge
}
