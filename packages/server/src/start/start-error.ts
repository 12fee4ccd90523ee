/** What keeps the server from starting, in words. */
import { ServiceError } from '../errors.ts'

/** The server cannot start, for a reason that the person at the terminal can put right. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** A taken or forbidden port, in words that name it and the setting. */
export function listenError(error: unknown, host: string, port: number, setting: string): unknown {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') {
    return new StartError(
      `Port ${port} is taken by another program (perhaps another Tollbridge). Stop it, or choose another port: ${setting}=${port + 1} npm start`,
      { cause: error },
    )
  }
  if (code === 'EACCES') {
    return new StartError(
      `Port ${port} may not be used by this user. Choose one above 1023 for ${setting}.`,
      {
        cause: error,
      },
    )
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new StartError(
      `The address ${host} is not one of this machine. Set HOST to 127.0.0.1 or 0.0.0.0.`,
      {
        cause: error,
      },
    )
  }
  return error
}

/** What the system says, as the part of a sentence that follows a colon, and what to do about it. */
const TROUBLE: ReadonlyMap<unknown, readonly [why: string, fix: string]> = new Map([
  ['EEXIST', ['a file has that name', 'Move it away']],
  ['ENOTDIR', ['a part of its path is a file', 'Choose another path']],
  ['EISDIR', ['it is a folder', 'Move it away']],
  ['ENOENT', ['it cannot be made there', 'Choose another path']],
  [
    'EACCES',
    ['this user may not use it', 'Give this user the right to read and write it, or start as its owner'],
  ],
  [
    'EPERM',
    ['this user may not use it', 'Give this user the right to read and write it, or start as its owner'],
  ],
  ['EROFS', ['its disk is read-only', 'Mount the disk for writing']],
  ['ENOSPC', ['its disk is full', 'Make room on it']],
  ['EDQUOT', ['this user has used up its share of the disk', 'Make room on it']],
  ['ELOOP', ['it is a link', 'Put the file itself in its place']],
  ['EIO', ['the disk failed', 'Look at the disk']],
  ['EMFILE', ['too many files are open', 'Raise the limit of open files (ulimit -n)']],
  ['ENFILE', ['too many files are open', 'Raise the limit of open files of this machine']],
])

/** A data folder that cannot be made, in words that name it and the setting. */
export function folderError(error: unknown, folder: string): unknown {
  const trouble = TROUBLE.get(codeOf(error))
  if (trouble === undefined) return error
  return new StartError(
    `The data folder ${folder} cannot be used: ${trouble[0]}. ${trouble[1]}, or set TOLLBRIDGE_DATA_DIR to a folder that this user may write.`,
    { cause: error },
  )
}

/** A file that cannot be read or written, in words that name it. */
export function fileError(error: unknown, file: string): unknown {
  const trouble = TROUBLE.get(codeOf(error))
  if (trouble === undefined) return error
  return new StartError(`${file} cannot be used: ${trouble[0]}. ${trouble[1]}.`, { cause: error })
}

/** Stores say in their own words why they cannot be opened, and what to do. */
export function storeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  return new StartError(error.message, { cause: error })
}

/** What nobody has put into words on the way here: a failure of the system about a file, or of the database. */
export function inWords(error: unknown): unknown {
  if (error instanceof StartError || !(error instanceof Error)) return error
  if (error instanceof ServiceError && error.code === 'store_unavailable') return storeError(error)
  return 'path' in error && typeof error.path === 'string' ? fileError(error, error.path) : error
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
