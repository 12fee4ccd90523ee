/** The body of `files.post`: the one call of Stripe's API that uploads. */
import { formPairs } from './encode-form.ts'

/** A file as `stripe` for Node takes it, or anything that a browser would upload. */
export type StripeFile =
  | Blob
  | Uint8Array
  | { readonly data: Uint8Array | string; readonly name?: string; readonly type?: string }

/** @param fields `{purpose, file: StripeFile, …}`. Throws TypeError when the file is missing or is none. */
export function fileParts({ file, ...fields }: Readonly<Record<string, unknown>>): FormData {
  const parts = new FormData()
  for (const [name, value] of formPairs(fields)) parts.append(name, value)
  const { blob, name } = readFile(file)
  parts.append('file', blob, name)
  return parts
}

function readFile(file: unknown): { readonly blob: Blob; readonly name: string } {
  if (file instanceof Blob) return { blob: file, name: nameOf(file) }
  if (file instanceof Uint8Array) return { blob: blobOf(file), name: 'file' }
  const { data, name, type } = (file ?? {}) as Readonly<Record<string, unknown>>
  if (data instanceof Uint8Array || typeof data === 'string') {
    const named = typeof name === 'string' && name !== '' ? name : 'file'
    return { blob: blobOf(data, typeof type === 'string' ? type : ''), name: named }
  }
  throw new TypeError(
    'The field file of files.post must be a Blob, a Buffer, or {data, name, type}, such as {data: await readFile("id.png"), name: "id.png", type: "image/png"}.',
  )
}

function nameOf(blob: Blob): string {
  return 'name' in blob && typeof blob.name === 'string' && blob.name !== '' ? blob.name : 'file'
}

function blobOf(data: Uint8Array | string, type = ''): Blob {
  return new Blob([typeof data === 'string' ? data : new Uint8Array(data)], { type })
}
