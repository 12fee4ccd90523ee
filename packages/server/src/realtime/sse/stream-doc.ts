/** What the stream says about itself. */
import { z } from 'zod'
import type { RouteDoc } from '../../http/route-doc.ts'

const optional = z.string().optional()

export const streamDoc: RouteDoc = {
  summary: 'Follow events as they are stored (server-sent events)',
  description:
    'Resumable: a reader that comes back with the header Last-Event-ID continues behind it. A client key must name the transaction.',
  tag: 'Events',
  keys: ['client', 'server', 'watch'],
  scope: 'read',
  query: z.object({
    channel: optional.describe('`stripe`, or `stripe/<transaction id>`; for server keys also `alarms`.'),
    selector: optional.describe('A condition over the headers of the events.'),
    last_event_id: optional.describe('Where to continue, for readers that set no headers.'),
    client_key: optional.describe('The client key, for readers that set no headers.'),
    watch_token: optional.describe('The watch token, for readers that set no headers.'),
  }),
  answer: 'text/event-stream',
}
