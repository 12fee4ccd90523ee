/** The countries to choose from, and the one that a locale speaks of. */

const CODES =
  `AD AE AT AU BE BG BR CA CH CL CN CO CR CY CZ DE DK DO EE EG ES FI FR GB GE GH GI GR GT HK HR HU ID IE IL IN
  IS IT JM JP KE KR LI LT LU LV MA MC MT MU MX MY NG NL NO NZ PA PE PH PL PR PT PY RO RS SA SE SG SI SK SM TH TR
  TW UA US UY VA VN ZA`.split(/\s+/)

/** In the order of their names. */
export function countriesIn(locale: string): (readonly [code: string, name: string])[] {
  const names = new Intl.DisplayNames([locale], { type: 'region' })
  return CODES.map((code) => [code, names.of(code) ?? code] as const).sort(([, a], [, b]) =>
    a.localeCompare(b, locale),
  )
}

/** Where a postal code is called ZIP. */
export function isAmerican(locale: string): boolean {
  return /^(en|es)\b/.test(locale) && countryOf(locale) === 'US'
}

/** `de-AT` is AT; a language alone gets the country where most speak it; all else is US. */
export function countryOf(locale: string): string {
  try {
    const region = new Intl.Locale(locale).maximize().region
    return region !== undefined && CODES.includes(region) ? region : 'US'
  } catch {
    return 'US'
  }
}
