/** Files of the shops, from the sources or from the build. */
import { readFile } from 'node:fs/promises'

/** `src/harness/` and `dist/harness/` lie equally deep, so this holds for both. */
const ROOT = new URL('../../', import.meta.url)

/** @param path as the shop lists it, never as a request says it. @returns null when it is not there. */
export async function readShopFile(path: string): Promise<Buffer | null> {
  try {
    return await readFile(new URL(path, ROOT))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
