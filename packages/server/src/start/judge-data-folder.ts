/** Decides whether the data folder is ours alone: who may write into it can move money, and read what is sealed. */

export interface PathFacts {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  /** Permission bits. */
  readonly mode: number
  readonly owner: number
  /** How many names the file has. */
  readonly names: number
}

const WRITABLE_BY_OTHERS = 0o022
const ROOT = 0

/** @param user who runs the server; @returns a sentence with the fix, or null */
export function judgeFolder({ path, kind, mode, owner }: PathFacts, user: number): string | null {
  if (kind !== 'folder') return `The data folder ${path} is no folder. Set TOLLBRIDGE_DATA_DIR to one.`
  if (owner !== user && owner !== ROOT) {
    return `The data folder ${path} belongs to another user (${owner}, and the server runs as ${user}), who could change what is in it. Run the server as its owner, or give it away: chown -R ${user} ${path}`
  }
  if ((mode & WRITABLE_BY_OTHERS) === 0) return null
  return `Others than its owner may write into the data folder ${path}, and so change what was paid. Take that right away: chmod go-w ${path}`
}

/** The same for a file of ours in it. */
export function judgeFile({ path, kind, mode, owner, names }: PathFacts, user: number): string | null {
  if (kind === 'link') {
    return `${path} is a link, so what is written there ends up elsewhere. Put the file itself in its place.`
  }
  if (kind !== 'file') return `${path} is no file. Move it away.`
  if (names > 1) {
    return `${path} has a second name on this disk (a hard link), under which it could be changed. Put a copy in its place: cp ${path} ${path}.copy && mv ${path}.copy ${path}`
  }
  if (owner !== user && owner !== ROOT) {
    return `${path} belongs to another user (${owner}, and the server runs as ${user}). Give it away: chown ${user} ${path}`
  }
  if ((mode & WRITABLE_BY_OTHERS) === 0) return null
  return `Others than its owner may write ${path}. Take that right away: chmod go-w ${path}`
}
