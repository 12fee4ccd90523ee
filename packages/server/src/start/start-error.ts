/** The server cannot start, for a reason that the person at the terminal can put right. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** A taken or forbidden port, in words that name it and the setting. */
export function listenError(error: unknown, host: string, port: number, setting: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    return new StartError(
      `Port ${port} is taken by another program (perhaps another Tollbridge). Stop it, or choose another port: ${setting}=${port + 1} npm start`,
      { cause: error },
    )
  }
  if (code === 'EACCES') {
    return new StartError(
      `Port ${port} may not be used by this user. Choose one above 1023: ${setting}=4242`,
      {
        cause: error,
      },
    )
  }
  if (code === 'EADDRNOTAVAIL') {
    return new StartError(
      `The address ${host} is not one of this machine. Set HOST to 127.0.0.1 or 0.0.0.0.`,
      {
        cause: error,
      },
    )
  }
  return error
}
