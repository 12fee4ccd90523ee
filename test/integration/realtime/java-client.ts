/** Speaks the frames of the Java SDK's real-time client (Engine.IO 3, a WebSocket, bytes that hold JSON), one by one. */
import { eventually } from '../../support/eventually.ts'
import { APP_ID, CLIENT_KEY } from './start-realtime.ts'

export interface JavaClient {
  /** Text frames as they came. */
  readonly frames: readonly string[]
  /** The JSON of the binary frames. */
  readonly heard: readonly Record<string, unknown>[]
  readonly closed: Promise<{ readonly code: number }>
  joined(): Promise<void>
  send(event: 'SUB_ON' | 'SUB_OFF' | 'MET_REQ', body: object): void
  close(): void
}

/** The byte before each binary frame of Engine.IO 3: a message. */
const MESSAGE = 4

export function createJavaClient(
  url: string,
  { apiKey = CLIENT_KEY, clientId = '5a1b' }: { readonly apiKey?: string; readonly clientId?: string } = {},
): JavaClient {
  const query = `apiKey=${apiKey}&clientId=${clientId}&binary=true`
  const socket = new WebSocket(`${url.replace('http', 'ws')}/${APP_ID}/?EIO=3&transport=websocket&${query}`)
  socket.binaryType = 'arraybuffer'
  const frames: string[] = []
  const heard: Record<string, unknown>[] = []
  socket.addEventListener('message', ({ data }) => {
    if (typeof data !== 'string') {
      heard.push(JSON.parse(Buffer.from(data as ArrayBuffer, 1).toString()))
      return
    }
    frames.push(data)
    if (data === '40') socket.send(`40/${APP_ID}?${query},`)
  })
  return {
    frames,
    heard,
    closed: new Promise((resolve) => socket.addEventListener('close', ({ code }) => resolve({ code }))),
    async joined() {
      await eventually(() => frames.includes(`40/${APP_ID},`) || frames.includes(`40/${APP_ID}`), {
        what: 'the namespace to be joined',
      })
    },
    send(event, body) {
      socket.send(`451-/${APP_ID},["${event}",{"_placeholder":true,"num":0}]`)
      socket.send(Buffer.concat([Buffer.of(MESSAGE), Buffer.from(JSON.stringify(body))]))
    },
    close: () => socket.close(),
  }
}
