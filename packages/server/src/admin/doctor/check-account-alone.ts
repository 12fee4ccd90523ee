/** Is the app alone on its Stripe account. */
import { accountFacts, accountTaken, type FindOwnerDeps, findAccountOwner } from '../../apps/same-account.ts'
import type { AppRecord } from '../../store/app-store.ts'
import { type Check, fail, ok } from './check.ts'

/** @param found as Stripe tells; null: a restricted key may not see it */
export async function checkAccountAlone(
  app: AppRecord,
  found: string | null,
  deps: FindOwnerDeps,
): Promise<Check> {
  const account = { ...accountFacts(app, deps.registry), stripeAccountId: found ?? app.stripeAccountId }
  const owner = await findAccountOwner(account, deps)
  if (owner === null) return ok('account', 'No other app here is on its Stripe account.')
  return fail('account', accountTaken(app.appId, owner), `tollbridge apps disable ${owner}`)
}
