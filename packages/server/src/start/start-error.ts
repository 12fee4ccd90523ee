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

const FOLDER_TROUBLE: ReadonlyMap<unknown, string> = new Map([
  ['EEXIST', 'a file has that name'],
  ['ENOTDIR', 'a part of its path is a file'],
  ['ENOENT', 'it cannot be made there'],
  ['EACCES', 'this user may not write there'],
  ['EPERM', 'this user may not write there'],
  ['EROFS', 'its disk is read-only'],
  ['ENOSPC', 'its disk is full'],
])

/** A data folder that cannot be made, in words that name it and the setting. */
export function folderError(error: unknown, folder: string): unknown {
  const why = FOLDER_TROUBLE.get(codeOf(error))
  if (why === undefined) return error
  return new StartError(
    `The data folder ${folder} cannot be used: ${why}. Set TOLLBRIDGE_DATA_DIR to a folder that this user may write.`,
    { cause: error },
  )
}

/** Stores say in their own words why they cannot be opened; what lies below follows in brackets. */
export function storeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const below = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return new StartError(`${error.message}${below}`, { cause: error })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
