/** What a setting is. */
import type { z } from 'zod'

export interface Setting<T> {
  readonly schema: z.ZodType<T, string | undefined>
  /** As it would stand in the environment; null: unset. */
  readonly default: string | null
  readonly description: string
  readonly secret?: true
}

export const setting = <T>(it: Setting<T>): Setting<T> => it
