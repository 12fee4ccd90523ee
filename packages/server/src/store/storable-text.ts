/** Which texts every store keeps as they are, so that memory and SQL agree on what equals what. */

/** No NUL, at which SQLite's functions stop and which PostgreSQL refuses; no half of a surrogate pair. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
