/** `GET /readyz`: should this server get requests. `GET /metrics`: for Prometheus, not for the world. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ServiceError } from '../errors.ts'
import { judgeReadiness, type ReadinessLimits } from './judge-readiness.ts'
import type { Metrics, Readings } from './metrics.ts'
import type { VitalsReader } from './vitals.ts'

export interface MonitoringRoutesDeps {
  readonly vitals: VitalsReader
  readonly limits: ReadinessLimits
  readonly metrics: Metrics
  readings(): Promise<Readings>
  /** null: none is set. */
  readonly metricsToken: string | null
  /** Whether nothing real is at stake, so that whoever sits at this machine may read the metrics without a token. */
  readonly isWorkshop: boolean
}

/** Whoever asks more often, is told the same. */
const READY_AT_MOST_OLD_MS = 1_000

export function registerMonitoringRoutes(fastify: FastifyInstance, deps: MonitoringRoutesDeps): void {
  fastify.get('/readyz', async (_request, reply) => {
    const vitals = await deps.vitals.look({ atMostOldMs: READY_AT_MOST_OLD_MS })
    const { checks, reasons } = judgeReadiness(vitals, deps.limits)
    const isReady = reasons.length === 0
    reply.code(isReady ? 200 : 503)
    return { status: isReady ? 'ready' : 'not_ready', checks, reasons }
  })

  fastify.get('/metrics', async (request, reply) => {
    assertMayRead(request, deps)
    reply.header('Content-Type', deps.metrics.contentType)
    return deps.metrics.page(await deps.readings())
  })
}

function assertMayRead(
  request: FastifyRequest,
  { metricsToken, isWorkshop }: Pick<MonitoringRoutesDeps, 'metricsToken' | 'isWorkshop'>,
): void {
  if (metricsToken === null) {
    if (isWorkshop && isFromThisMachine(request)) return
    throw new ServiceError('metrics_refused', {
      message: 'The metrics are closed: set METRICS_TOKEN, and send it as "Authorization: Bearer …".',
    })
  }
  const shown = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  if (shown !== undefined && isSame(shown, metricsToken)) return
  throw new ServiceError('metrics_refused', {
    message: 'The metrics take METRICS_TOKEN, as "Authorization: Bearer …"; keys of apps do not open them.',
  })
}

/** A proxy on this machine hands on requests of others: most name themselves, and what is asked under another name is none of ours. */
function isFromThisMachine(request: FastifyRequest): boolean {
  const { headers, socket } = request.raw
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => name in headers)
  const isLocal = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(socket.remoteAddress ?? '')
  return isLocal && !isForwarded && /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(headers.host ?? '')
}

function isSame(shown: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(shown), digest(expected))
}
