/** The path of a call: read so that nothing but Stripe's `/v1` and `/v2` can be meant, and written anew. */
import { ServiceError } from '../errors.ts'

export interface StripePath {
  /** Decoded, without a slash at its end: `/v1/customers/cus_1`. For rules and the record of calls. */
  readonly text: string
  /** Encoded by us, with the query as it came: what is sent. */
  readonly target: string
}

const LONGEST_PATH = 1_024

/** @param url path and query as they arrived, such as `/v1/customers?limit=3`. Throws `route_unknown`. */
export function parseStripePath(url: string): StripePath {
  const escaped = url.replace(/[^\x21-\x7e]|#/g, escapeByte)
  const question = escaped.indexOf('?')
  const path = (question === -1 ? escaped : escaped.slice(0, question)).replace(/\/$/, '')
  const query = question === -1 ? '' : escaped.slice(question)
  const [start, version, ...rest] = path.split('/')
  if (start !== '' || (version !== 'v1' && version !== 'v2') || rest.length === 0) throw unknownPath()
  if (path.length > LONGEST_PATH) throw unknownPath()
  const segments = rest.map(readSegment)
  return {
    text: `/${[version, ...segments].join('/')}`,
    target: `/${[version, ...segments.map(encodeURIComponent)].join('/')}${query}`,
  }
}

/** Throws for what some server between here and Stripe's code could take for a step to elsewhere. */
function readSegment(encoded: string): string {
  const segment = decoded(encoded)
  if (segment === null) throw unknownPath()
  let reading: string | null = segment
  let before: string | null = null
  while (reading !== null && reading !== before) {
    if (/^\.{0,2}$/.test(reading) || /[/\\\p{Cc}]/u.test(reading)) throw unknownPath()
    before = reading
    reading = decoded(reading)
  }
  return segment
}

/** null: a percent sign stands for itself, or for nothing. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** Node reads the request line as Latin-1, one character for each byte. */
function escapeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

function unknownPath(): ServiceError {
  return new ServiceError('route_unknown', {
    message:
      'The path must be one of Stripe’s API, beginning with /v1/ or /v2/, without empty or dotted parts and encoded slashes.',
  })
}
