/** The caller's context for each kind of web server. */
import { type Caller, callerOf, type RequestLike } from './caller.ts'

type Run = <T>(caller: Caller | null, fn: () => T) => T

export interface UiMiddleware {
  /** `app.use(tollbridge.ui.express)`: for Express, Connect, and whatever takes `(request, response, next)`. */
  express(request: RequestLike, response: unknown, next: () => void): void
  /** `fastify.addHook('preHandler', tollbridge.ui.fastify)`. */
  fastify(request: RequestLike, reply: unknown, done: () => void): void
  /** `createServer(tollbridge.ui.http((request, response) => …))`. */
  http<Request extends RequestLike, Response>(
    listener: (request: Request, response: Response) => unknown,
  ): (request: Request, response: Response) => void
  /** `serve({fetch: tollbridge.ui.fetch(request => …)})`: for handlers that take a fetch Request. */
  fetch<Rest extends readonly unknown[], Result>(
    handler: (request: Request, ...rest: Rest) => Result,
  ): (request: Request, ...rest: Rest) => Result
}

export function createMiddleware(run: Run): UiMiddleware {
  const next = (request: RequestLike, _: unknown, go: () => void) => run(callerOf(request), go)
  return {
    express: next,
    fastify: next,
    http: (listener) => (request, response) => {
      run(callerOf(request), () => listener(request, response))
    },
    fetch:
      (handler) =>
      (request, ...rest) =>
        run(callerOf(request), () => handler(request, ...rest)),
  }
}
