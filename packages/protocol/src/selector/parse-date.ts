/** Reads the date texts that a where clause may compare `created` and `updated` with. Without a zone: UTC. */

/** For error messages. */
export const dateForms =
  'milliseconds since 1970, or a date such as 2015-03-23, 2015-03-23T10:15:00.000Z, 23-Mar-2015, 03/23/2015 or 03/23/2015 10:15:00 GMT'

const milliseconds = /^-?\d{9,15}$/
const date = /^(?:(\d{4})-(\d\d)-(\d\d)|(\d\d)\/(\d\d)\/(\d{4})|(\d\d?)-([A-Za-z]{3})-(\d{4}))/
const time = /^(?:T| +)(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?/
const zone = /^ *(?:(?:GMT|UTC)?([+-])(\d\d):?(\d\d)|([a-z]{1,3}))$/i

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The names that RFC 5322 gives a meaning, in hours from UTC. */
const zoneNames: ReadonlyMap<string, number> = new Map([
  ['z', 0],
  ['utc', 0],
  ['gmt', 0],
  ['ut', 0],
  ['edt', -4],
  ['est', -5],
  ['cdt', -5],
  ['cst', -6],
  ['mdt', -6],
  ['mst', -7],
  ['pdt', -7],
  ['pst', -8],
])

/** Milliseconds since 1970, or undefined for a text in no known form or a day that no calendar has. */
export function parseDate(text: string): number | undefined {
  if (text.length > 64) return undefined
  if (milliseconds.test(text)) return Number(text)
  const day = date.exec(text)
  if (day === null) return undefined
  const midnight = readDay(day)
  const afterDay = text.slice(day[0].length)
  if (midnight === undefined || afterDay === '') return midnight
  const clock = time.exec(afterDay)
  if (clock === null) return undefined
  const sinceMidnight = readTime(clock)
  const offset = readZone(afterDay.slice(clock[0].length))
  if (sinceMidnight === undefined || offset === undefined) return undefined
  return midnight + sinceMidnight - offset
}

function readDay(found: RegExpExecArray): number | undefined {
  const year = Number(found[1] ?? found[6] ?? found[9])
  const monthName = found[8]
  const month =
    monthName === undefined ? Number(found[2] ?? found[4]) : months.indexOf(monthName.toLowerCase()) + 1
  const day = Number(found[3] ?? found[5] ?? found[7])
  const midnight = new Date(Date.UTC(year, month - 1, day))
  // Date.UTC turns 31 February into 3 March, and the year 15 into 1915.
  const exists =
    midnight.getUTCFullYear() === year &&
    midnight.getUTCMonth() === month - 1 &&
    midnight.getUTCDate() === day
  return exists ? midnight.getTime() : undefined
}

function readTime(found: RegExpExecArray): number | undefined {
  const hours = Number(found[1])
  const minutes = Number(found[2])
  const seconds = Number(found[3] ?? 0)
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined
  const fraction = Number((found[4] ?? '').slice(0, 3).padEnd(3, '0'))
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction
}

function readZone(text: string): number | undefined {
  if (text === '') return 0
  const found = zone.exec(text)
  if (found === null) return undefined
  const name = found[4]
  if (name !== undefined) {
    const hours = zoneNames.get(name.toLowerCase())
    return hours === undefined ? undefined : hours * 3_600_000
  }
  const hours = Number(found[2])
  const minutes = Number(found[3])
  if (hours > 14 || minutes > 59) return undefined
  return (found[1] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
