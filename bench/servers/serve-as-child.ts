/** The child's side of child-server.ts. */

export function serveAsChild(
  url: string,
  stop: () => Promise<void>,
  keys: { readonly serverKey?: string } = {},
): void {
  process.on('message', (message) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage()
      process.send?.({ cpuSeconds: (user + system) / 1e6 })
    }
    if (message === 'stop') stop().then(() => process.exit(0))
  })
  process.send?.({ url, ...keys })
}
