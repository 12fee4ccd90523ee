/** Writes a request body in Stripe's form encoding: `card[number]=…`, `expand[0]=…`. */

/** Leaves out what is null or undefined. */
export function formBody(fields: Readonly<Record<string, unknown>>): URLSearchParams {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) append(body, name, value)
  return body
}

function append(body: URLSearchParams, name: string, value: unknown): void {
  if (value === undefined || value === null) return
  if (typeof value !== 'object') body.append(name, String(value))
  else for (const [key, inner] of Object.entries(value)) append(body, `${name}[${key}]`, inner)
}
