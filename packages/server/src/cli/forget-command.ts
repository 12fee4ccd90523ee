/** `tollbridge forget`: takes a customer's personal data out of the stored events. */
import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { UsageError } from './usage-error.ts'

export function addForgetCommand(program: Command, context: CommandContext): void {
  program
    .command('forget')
    .description('take the personal data of a customer out of what is stored; ids and amounts stay')
    .requiredOption('--customer <id>', 'Stripe’s id of the customer (cus_…)')
    .option('--app <app-id>', 'the app; left out: every app')
    .action(({ customer, app }: { customer: string; app?: string }) => forget(customer, app, context))
}

async function forget(customer: string, app: string | undefined, context: CommandContext): Promise<void> {
  if (!/^cus_\w+$/.test(customer)) throw new UsageError('--customer must be the id of a customer (cus_…).')
  await context.withWorkbench(async ({ registry, forgetCustomer, store, now }) => {
    const appIds =
      app === undefined ? registry.records.map(({ appId }) => appId) : [registry.record(app).appId]
    for (const appId of appIds) {
      const { events, eventsChanged, attemptsChanged } = await forgetCustomer(appId, customer)
      await store.auditTrail.add({
        ...context.by(),
        at: now(),
        appId,
        action: 'customer.forgotten',
        target: customer,
        details: { events },
      })
      context.print(
        `${appId}: ${events} events are about ${customer}; taken out of ${eventsChanged} of them and of ${attemptsChanged} calls.`,
      )
    }
    context.print('Stripe’s own copy is Stripe’s to delete: remove the customer there as well.')
  })
}
