/** Reads an answer's body as what it says it is. */

/** @returns JSON parsed, other text as text, the rest as bytes; null for nothing */
export async function readBody(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? ''
  if (/^(?!application\/json|text\/)/i.test(type) && !/\+json/i.test(type) && type !== '') {
    const bytes = new Uint8Array(await response.arrayBuffer())
    return bytes.length === 0 ? null : bytes
  }
  const text = await response.text()
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Whether somebody else than the server has answered: a proxy's sign-in page, or JSON that does not read. */
export function isForeign(response: Response, body: unknown): boolean {
  return typeof body === 'string' && /html|json/i.test(response.headers.get('content-type') ?? '')
}
