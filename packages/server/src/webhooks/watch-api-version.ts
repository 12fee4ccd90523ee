/** Notices that webhooks come, or are to come, in another API version than this code is made for. */
import type { Alarms } from '../alarms/alarms.ts'

export interface ApiVersionWatch {
  /** An event of the app came by webhook. */
  seen(appId: string, version: string): void
  /** Looks at the endpoint of each app at Stripe, where its version is set. Never rejects. */
  checkEndpoints(): Promise<void>
}

export interface ApiVersionWatchDeps {
  readonly alarms: Alarms
  readonly expected: string
  /** The endpoints that were made for the apps. */
  endpoints(): readonly { readonly appId: string; readonly endpointId: string }[]
  /** null: Stripe cannot be asked, or has no such endpoint. */
  versionOf(appId: string, endpointId: string): Promise<string | null>
}

export function createApiVersionWatch({
  alarms,
  expected,
  endpoints,
  versionOf,
}: ApiVersionWatchDeps): ApiVersionWatch {
  const newest = new Map<string, string>()

  function judge(appId: string, subject: string, version: string, what: string): void {
    const alarm = { appId, kind: 'api_version_drift', subject } as const
    if (isSameRelease(version, expected)) void alarms.clear(alarm)
    else
      void alarms.raise({
        ...alarm,
        message: `${what} ${version}; this version of Tollbridge is made for ${expected}.`,
      })
  }

  return {
    seen(appId, version) {
      // For nearly every event this is all.
      if (newest.get(appId) === version) return
      newest.set(appId, version)
      judge(appId, appId, version, 'Events come in API version')
    },
    async checkEndpoints() {
      for (const { appId, endpointId } of endpoints()) {
        const version = await versionOf(appId, endpointId)
        if (version !== null)
          judge(appId, endpointId, version, `The endpoint ${endpointId} sends API version`)
      }
    },
  }
}

/** Versions of one release (`2026-10-28.endive`) only add to each other; those of before 2024 stand for themselves. */
function isSameRelease(version: string, expected: string): boolean {
  const release = version.split('.')[1]
  return version === expected || (release !== undefined && release === expected.split('.')[1])
}
