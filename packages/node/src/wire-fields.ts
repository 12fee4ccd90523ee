/** Turns the names of arguments into the server's: `orderId` becomes `order_id`. */

/** Top level only: what is inside belongs to the caller. Fields that are undefined are left out. */
export function wireFields(fields: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [wireName(name), value]),
  )
}

function wireName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
