/** Reads what a body says, whatever its form, so that it can be looked into. Throws UnreadableBody for what it cannot read. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib'
import type { Field } from './carries-card.ts'

export class UnreadableBody extends Error {
  override readonly name = 'UnreadableBody'
  readonly isTooLarge: boolean
  /** @param message follows "The body": "is compressed as x, which …". */
  constructor(message: string, { isTooLarge = false }: { readonly isTooLarge?: boolean } = {}) {
    super(message)
    this.isTooLarge = isTooLarge
  }
}

export interface BodyHead {
  readonly contentType: string
  readonly contentEncoding: string
}

/** Of a body after it is unpacked. */
export const LARGEST_UNPACKED = 4 * 1024 * 1024

/** Whoever packs a packed body means to hide something. */
const MOST_CODINGS = 2

const UNPACK: Readonly<Record<string, (bytes: Uint8Array) => Promise<Uint8Array>>> = {
  identity: async (bytes) => bytes,
  gzip: unpacking(gunzip),
  'x-gzip': unpacking(gunzip),
  br: unpacking(brotliDecompress),
  zstd: unpacking(zstdDecompress),
  // The name stands for two forms, and servers take both.
  deflate: async (bytes) => {
    try {
      return await unpacking(inflate)(bytes)
    } catch (error) {
      if (error instanceof UnreadableBody && error.isTooLarge) throw error
      return unpacking(inflateRaw)(bytes)
    }
  },
}

/** @returns the fields in every way in which the bytes could be read as fields. */
export async function bodyFields(bytes: Uint8Array, head: BodyHead): Promise<readonly Field[]> {
  const unpacked = await unpack(bytes, head.contentEncoding)
  const [type = '', ...parameters] = head.contentType.toLowerCase().split(';')
  const kind = type.trim()
  if (kind === 'multipart/form-data') return multipartFields(unpacked, head.contentType)
  const text = decode(unpacked, parameters)
  if (kind === '' || kind === 'application/x-www-form-urlencoded' || kind === 'text/plain') {
    return [...formFields(text), ...jsonFieldsOrNone(text)]
  }
  if (/^application\/(?:[\w.+-]+\+)?json$/.test(kind) || kind === 'text/json') return jsonFields(text)
  throw new UnreadableBody(`is of the type ${kind.slice(0, 60)}, which is not looked into`)
}

/** A query, and a form: as it is decoded once, and as it would be decoded again. */
export function formFields(text: string): Field[] {
  const found: Field[] = []
  let reading = text
  for (let pass = 0; pass < 3; pass++) {
    // Old servers take a semicolon for an ampersand.
    for (const [name, value] of new URLSearchParams(reading.replaceAll(';', '&'))) found.push({ name, value })
    for (const [name, value] of new URLSearchParams(reading)) found.push({ name, value })
    const again = decoded(reading)
    if (again === reading) break
    reading = again
  }
  return found
}

async function unpack(bytes: Uint8Array, encoding: string): Promise<Uint8Array> {
  const codings = encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '')
  if (codings.length > MOST_CODINGS) throw new UnreadableBody('is packed several times over')
  let unpacked = bytes
  // The last one was applied last.
  for (const coding of codings.reverse()) {
    const way = Object.hasOwn(UNPACK, coding) ? UNPACK[coding] : undefined
    if (way === undefined) {
      throw new UnreadableBody(`is packed as ${coding.slice(0, 40)}, which is not looked into`)
    }
    unpacked = await way(unpacked)
  }
  return unpacked
}

type Unpacker = (
  bytes: Uint8Array,
  options: { maxOutputLength: number },
  done: (error: Error | null, unpacked: Uint8Array) => void,
) => void

function unpacking(unpacker: Unpacker): (bytes: Uint8Array) => Promise<Uint8Array> {
  const run = promisify<Uint8Array, { maxOutputLength: number }, Uint8Array>(unpacker)
  return async (bytes) => {
    try {
      return await run(bytes, { maxOutputLength: LARGEST_UNPACKED })
    } catch (error) {
      const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      throw new UnreadableBody(isTooLarge ? 'is too large once it is unpacked' : 'cannot be unpacked', {
        isTooLarge,
      })
    }
  }
}

function decode(bytes: Uint8Array, parameters: readonly string[]): string {
  const charset = /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/
  const named = parameters.map((parameter) => charset.exec(parameter)?.[1]).find((it) => it !== undefined)
  const bom = bomOf(bytes)
  try {
    return new TextDecoder(bom ?? named ?? 'utf-8').decode(bytes).replaceAll('\0', '')
  } catch {
    throw new UnreadableBody('is in an encoding of text that is not known')
  }
}

function bomOf([first, second]: Uint8Array): string | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : null
}

async function multipartFields(bytes: Uint8Array, contentType: string): Promise<readonly Field[]> {
  const text = Buffer.from(bytes).toString('latin1')
  if (/content-transfer-encoding:\s*(?!7bit|8bit|binary)/i.test(text)) {
    throw new UnreadableBody('has a part in a transfer encoding, which is not looked into')
  }
  let form: FormData
  try {
    form = await new Response(Buffer.from(bytes), { headers: { 'content-type': contentType } }).formData()
  } catch {
    throw new UnreadableBody('is not a form of several parts that can be read')
  }
  const fields: Field[] = []
  for (const [name, value] of form) {
    fields.push({ name, value: typeof value === 'string' ? value : await value.text() })
  }
  return fields
}

function jsonFieldsOrNone(text: string): readonly Field[] {
  try {
    return jsonFields(text)
  } catch {
    return []
  }
}

/** As deep as any call of Stripe's goes, and far more. */
const DEEPEST = 64

function jsonFields(text: string): readonly Field[] {
  if (text.trim() === '') return []
  const fields: Field[] = []
  try {
    walk(JSON.parse(text), '', 0, fields)
  } catch (error) {
    if (error instanceof UnreadableBody) throw error
    throw new UnreadableBody('is not JSON that can be read')
  }
  // A name that stands twice, and a number that loses its last digits: as they are written.
  for (const [, name = '', value = ''] of text.matchAll(WRITTEN)) fields.push({ name, value })
  return fields
}

const WRITTEN = /"((?:[^"\\]|\\.){1,80})"\s*:\s*"?((?:\d[\d .-]{11,40}))/g

function walk(value: unknown, name: string, depth: number, fields: Field[]): void {
  if (depth > DEEPEST) throw new UnreadableBody('is nested too deep to be looked into')
  if (typeof value === 'string' || typeof value === 'number') fields.push({ name, value: String(value) })
  if (typeof value !== 'object' || value === null) return
  for (const [part, item] of Object.entries(value)) {
    // A place in a list is no name: `number` of a list of numbers is still the number.
    const inner = Array.isArray(value) ? name : name === '' ? part : `${name}.${part}`
    walk(item, inner, depth + 1, fields)
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(/%[0-9a-f]{2}/gi, (byte) => String.fromCharCode(Number.parseInt(byte.slice(1), 16)))
  }
}
