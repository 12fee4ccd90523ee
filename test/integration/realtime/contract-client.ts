/** A client that speaks the Backendless frames through socket.io-client, and keeps all that it hears. */
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { eventually } from '../../support/eventually.ts'
import { APP_ID, CLIENT_KEY } from './start-realtime.ts'

interface Answer {
  readonly id: string
  readonly data?: unknown
  readonly result?: unknown
  readonly error?: {
    readonly code: number
    readonly message: string
    readonly details: Record<string, unknown>
  }
}

export interface HeardMessage {
  readonly messageId: string
  readonly headers: Record<string, string>
  readonly message: Record<string, unknown>
}

export interface ContractClient {
  readonly socket: Socket
  /** Resolves when the namespace is joined; rejects with `connect_error`. */
  connected(): Promise<void>
  subscribe(id: string, name: string, options: unknown): void
  /** A message listener of the channel stripe, ready. */
  listen(id: string, selector?: string | null): Promise<void>
  unsubscribe(id: string): void
  /** Answers of the method with that id. */
  call(id: string, name: string, options: unknown): Promise<Answer>
  isReady(id: string): boolean
  answers(id: string): Answer[]
  errorOf(id: string): Promise<NonNullable<Answer['error']>>
  /** The charges of the messages that came for a subscription, in order. */
  heard(id: string): string[]
  messages(id: string): HeardMessage[]
  close(): void
}

export interface ContractClientOptions {
  readonly url: string
  readonly appId?: string
  readonly query?: Readonly<Record<string, string>>
  readonly io?: Partial<ManagerOptions & SocketOptions>
}

export function createContractClient(options: ContractClientOptions): ContractClient {
  const { url, appId = APP_ID, query = {} } = options
  const socket = io(`${url}/${appId}`, {
    path: `/${appId}`,
    query: { apiKey: CLIENT_KEY, clientId: 'client-1', userToken: 'null', ...query },
    reconnection: false,
    forceNew: true,
    autoConnect: false,
    ...options.io,
  })
  const ready = new Set<string>()
  const results: Answer[] = []
  socket.on('SUB_READY', ({ id }: Answer) => ready.add(id))
  socket.on('SUB_RES', (answer: Answer) => results.push(answer))
  socket.on('MET_RES', (answer: Answer) => results.push(answer))
  const answers = (id: string) => results.filter((answer) => answer.id === id)
  const messages = (id: string) =>
    answers(id).flatMap(({ data }) => (data === undefined ? [] : [data as HeardMessage]))

  const client: ContractClient = {
    socket,
    connected: () =>
      new Promise((resolve, reject) => {
        socket.once('connect', resolve)
        socket.once('connect_error', reject)
        socket.connect()
      }),
    subscribe: (id, name, subscribeOptions) => {
      socket.emit('SUB_ON', { id, name, options: subscribeOptions })
    },
    async listen(id, selector) {
      client.subscribe(id, 'PUB_SUB_MESSAGES', {
        channel: 'stripe',
        ...(selector === undefined ? {} : { selector }),
      })
      await eventually(() => ready.has(id), { what: `SUB_READY of ${id}` })
    },
    unsubscribe: (id) => {
      socket.emit('SUB_OFF', { id })
    },
    call: (id, name, callOptions) => {
      socket.emit('MET_REQ', { id, name, options: callOptions })
      return eventually(() => answers(id)[0] ?? null, { what: `MET_RES of ${id}` })
    },
    isReady: (id) => ready.has(id),
    answers,
    errorOf: (id) => eventually(() => answers(id)[0]?.error ?? null, { what: `an error for ${id}` }),
    heard: (id) => messages(id).map(({ headers }) => headers['id'] ?? '?'),
    messages,
    close: () => {
      socket.disconnect()
    },
  }
  return client
}
