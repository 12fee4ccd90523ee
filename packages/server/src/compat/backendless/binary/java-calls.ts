/** Each call of the Java SDK that is answered, and the function behind it: the very one that the JSON door calls. */
import type { Principal } from '../../../access/principal.ts'
import { ServiceError } from '../../../errors.ts'
import type { RemoteCall } from '../amf/messages.ts'
import type { PlainValue } from '../amf/plain-value.ts'
import type { AmfValue } from '../amf/value.ts'
import { parseDataQuery } from '../data-query.ts'
import { countRows, findByColumns, findEdge } from '../few-rows.ts'
import { assertPublished, publishRefused } from '../messaging-routes.ts'
import type { StripeEventReader } from '../read-stripe-events.ts'
import { assertStripeEvents, noGrouping, noRelations, readOnlyTable } from '../table-refusals.ts'
import { queryParameters, relationParameters, rowNamed, rowParameters } from './java-query.ts'
import { javaDescription, javaMessageStatus, toJavaRow } from './java-rows.ts'

/** What calls lead to. */
export interface JavaDoor {
  readonly reader: StripeEventReader
  /** The whole answer of a charge. */
  charge(caller: Principal, body: unknown): Promise<AmfValue>
  /** Throws `api_key_invalid`, and what else is wrong with who asks. */
  caller(): Promise<Principal>
  /** Throws `too_many_requests`. */
  countRead(): void
  /** The origin of realtime. */
  lookup(): string
}

type Args = readonly PlainValue[]
type Answer = (args: Args, door: JavaDoor) => AmfValue | Promise<AmfValue>

const SERVICES = 'com.backendless.services'
const REALTIME = 'com.backendless.rt.RTService'

/** What the SDK asks before each connection of its realtime. */
export function isLookup({ source, operation }: RemoteCall): boolean {
  return source === REALTIME && operation === 'lookup'
}

/** Throws what the JSON door throws, and `route_unknown` about any other call. */
export async function answerCall({ source, operation, args }: RemoteCall, door: JavaDoor): Promise<AmfValue> {
  const answer = calls.get(`${source}.${operation}`)
  if (answer !== undefined) return answer(args, door)
  // Whoever has no right here learns no more than that.
  await door.caller()
  const name = `${source}.${operation}`.slice(0, 200)
  throw new ServiceError('route_unknown', {
    message: `No call ${name} is answered here. Of the Java SDK this server takes CustomService.invoke("Stripe", "charge", …), find, findFirst, findLast, findById, getObjectCount and describe of the table StripeEvents, and real-time listeners of the channel stripe and of that table.`,
  })
}

/** A reading of the table for whoever may read: counted before anything is looked up. */
function reading(
  read: (args: Args, caller: Principal, reader: StripeEventReader) => Promise<AmfValue>,
): Answer {
  return async (args, door) => {
    door.countRead()
    const caller = await door.caller()
    assertStripeEvents(args[0])
    return read(args.slice(1), caller, door.reader)
  }
}

function refusing(refusal: (args: Args) => ServiceError): Answer {
  return async (args, door) => {
    await door.caller()
    throw refusal(args)
  }
}

function edge(direction: 'asc' | 'desc'): Answer {
  return reading(async (args, caller, reader) => {
    const row = await findEdge(reader, caller, relationParameters(args), direction)
    return row === null ? null : toJavaRow(row)
  })
}

const persistence: Readonly<Record<string, Answer>> = {
  find: reading(async ([query], caller, reader) => {
    const rows = await reader.find(caller, parseDataQuery(queryParameters(query)))
    return rows.map(toJavaRow)
  }),
  first: edge('asc'),
  last: edge('desc'),
  findById: reading(async ([by, ...rest], caller, reader) => {
    const given = rowParameters(rest)
    // For what is refused in it, such as relations.
    const { columns } = parseDataQuery(given)
    const named = rowNamed(by)
    if ('objectId' in named) return toJavaRow(await reader.findById(caller, named.objectId, columns))
    return toJavaRow(await findByColumns(reader, caller, named.columns, columns))
  }),
  count: reading(([query], caller, reader) => countRows(reader, caller, queryParameters(query))),
  describe: reading(async () => javaDescription()),
  loadRelations: reading(async () => {
    throw noRelations()
  }),
  group: refusing(noGrouping),
  countInGroup: refusing(noGrouping),
}

/** Only Stripe's events make rows. */
const WRITES = [
  'save',
  'create',
  'remove',
  'createBulk',
  'updateBulk',
  'removeBulk',
  'upsert',
  'upsertBulk',
  'deepSave',
  'addRelation',
  'setRelation',
  'deleteRelation',
]

const writes = Object.fromEntries(
  WRITES.map((operation) => [
    operation,
    refusing(([table]) => {
      assertStripeEvents(table)
      return readOnlyTable()
    }),
  ]),
)

const custom: Readonly<Record<string, Answer>> = {
  async dispatchService([service, method, given], door) {
    const caller = await door.caller()
    if (service !== 'Stripe' || method !== 'charge') throw unknownService(service, method)
    return door.charge(caller, chargeOf(given))
  },
}

/** One map, or one object of a class of the app. */
function chargeOf(given: PlainValue | undefined): unknown {
  const list = given ?? []
  const [argument, ...others] = Array.isArray(list) ? (list as Args) : [list]
  if (argument === undefined || argument === null) return {}
  if (others.length === 0 && typeof argument === 'object' && !Array.isArray(argument)) return argument
  throw new ServiceError('body_invalid', {
    message:
      'The charge takes one argument, a map such as {token: "tok_…", amount: 1999}: CustomService.invoke("Stripe", "charge", new Object[]{ map }, …).',
  })
}

function unknownService(service: PlainValue | undefined, method: PlainValue | undefined): ServiceError {
  const name = [service, method].map((part) => (typeof part === 'string' ? part.slice(0, 50) : '')).join('.')
  return new ServiceError('service_unknown', {
    message: `No service method ${name} is here: invoke the service "Stripe" with the method "charge".`,
  })
}

const messaging: Readonly<Record<string, Answer>> = {
  publish: refusing(([channel]) => publishRefused(typeof channel === 'string' ? channel : '')),
  async getMessageStatus([id], door) {
    door.countRead()
    const messageId = typeof id === 'string' ? id : ''
    await assertPublished(door.reader, await door.caller(), messageId)
    return javaMessageStatus(messageId)
  },
}

/** What apps call at start or in passing, whatever they are for; nothing is kept of it. */
const nothing: Answer = async (_args, door) => {
  await door.caller()
  return null
}

const SERVICES_OF_CALLS: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  [`${SERVICES}.servercode.CustomServiceHandler`]: custom,
  [`${SERVICES}.persistence.PersistenceService`]: { ...writes, ...persistence },
  [`${SERVICES}.messaging.MessagingService`]: messaging,
  [`${SERVICES}.logging.LogService`]: { log: nothing, batchLog: nothing },
  // Nobody logs in here, so nobody is.
  [`${SERVICES}.users.UserService`]: {
    logout: nothing,
    isValidUserToken: async (_args, door) => {
      await door.caller()
      return false
    },
  },
  // As by JSON it asks for no key: an SDK that gets an error asks again five times a second, one that cannot connect waits longer each time.
  [REALTIME]: { lookup: (_args, door) => door.lookup() },
}

const calls: ReadonlyMap<string, Answer> = new Map(
  Object.entries(SERVICES_OF_CALLS).flatMap(([source, operations]) =>
    Object.entries(operations).map(([operation, answer]) => [`${source}.${operation}`, answer] as const),
  ),
)
