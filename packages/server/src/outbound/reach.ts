/** Which addresses this server calls when somebody else names where: the setting OUTBOUND_ADDRESSES, made a rule. */
import type { Config } from '../config.ts'
import { isWithin, kindOfAddress } from './address-kind.ts'

/** Whether a connection to that IP address may be made. */
export type Reach = (address: string) => boolean

/** `operator`: an address that stands in the settings of the process. */
export type OnBehalfOf = 'sandbox' | 'test' | 'live' | 'operator'

export type ReachSettings = Pick<Config, 'OUTBOUND_ADDRESSES' | 'stripe'>

/** @returns the rule for what is called on behalf of an app of that mode, or of the operator. */
export function createReach(settings: ReachSettings): (onBehalfOf: OnBehalfOf) => Reach {
  const { OUTBOUND_ADDRESSES: setting, stripe } = settings
  if (setting === 'any') return () => () => true
  const networks = typeof setting === 'string' ? [] : setting
  const isPublic: Reach = (address) => kindOfAddress(address) === 'public' || isWithin(address, networks)
  const isPublicOrLocal: Reach = (address) => kindOfAddress(address) !== 'forbidden'
  // Without keys of Stripe the server is somebody's workshop, where all parts run on one machine.
  const isWorkshop = setting === 'auto' && stripe === null
  return (onBehalfOf) => (isWorkshop && onBehalfOf !== 'live' ? isPublicOrLocal : isPublic)
}
