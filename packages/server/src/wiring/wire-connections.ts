/** The connections of all ports, and whom they are from. */
import { createBudgets } from '../budgets/create-budgets.ts'
import { faultForm } from '../compat/backendless/binary/fault-form.ts'
import type { Config } from '../config.ts'
import { createClientAddresses } from '../http/client-address.ts'
import { createConnections } from '../http/connections.ts'
import type { Timers } from '../realtime/timers.ts'

export interface ConnectionDeps {
  readonly config: Config
  readonly timers: Timers
  newRequestId(): string
}

/** For clients that cannot read an error in JSON. */
export const errorForms = [faultForm]

const MEGABYTE = 1024 * 1024

export function wireConnections({ config, timers, newRequestId }: ConnectionDeps) {
  const addresses = createClientAddresses(config.TRUST_PROXY)
  const connections = createConnections({
    limits: {
      connections: config.MAX_CONNECTIONS,
      connectionsPerAddress: config.MAX_CONNECTIONS_PER_ADDRESS,
      bodyBytes: config.MAX_BODY_MEGABYTES * MEGABYTE,
      bodyBytesPerAddress: config.MAX_BODY_MEGABYTES_PER_ADDRESS * MEGABYTE,
      bodyMs: config.REQUEST_TIMEOUT_SECONDS * 1000,
    },
    isProxy: addresses.isProxy,
    addressOf: addresses.of,
    after: timers.after,
    newRequestId,
    errorForms,
  })
  const budgets = createBudgets(config, () => performance.now())
  return { addresses, connections, budgets }
}
