/** Rules that say which calls a server key may make: written by operators, the last one that fits decides. */

export interface Rule {
  /** As it was written. */
  readonly text: string
  readonly isRefusal: boolean
  /** Upper case; null: every method. */
  readonly methods: ReadonlySet<string> | null
  readonly path: RegExp
}

export type Verdict =
  | { readonly isAllowed: true; readonly by: Rule }
  /** null: no rule fits. */
  | { readonly isAllowed: false; readonly rule: string | null }

const METHODS = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH']
const FORM = /^(!?)(\*|[A-Z]+(?:,[A-Z]+)*) +(\/v[12](?:\/[\w.~:@+*-]+)*\/?\*?)$/

/**
 * `GET /v1/customers*`, `GET,POST /v1/refunds/*`, `!POST /v1/payouts`, `* /v1/*`. A star at the end of the path stands
 * for anything, elsewhere for one part of it. @returns null for what does not read so.
 */
export function parseRule(text: string): Rule | null {
  const [, bang = '', methods = '', path = ''] = FORM.exec(text) ?? []
  if (path === '') return null
  const named = methods === '*' ? null : methods.split(',')
  if (named !== null && !named.every((method) => METHODS.includes(method))) return null
  const isRefusal = bang === '!'
  return {
    text,
    isRefusal,
    methods: named === null ? null : new Set(named),
    path: pathPattern(path, isRefusal),
  }
}

/** Rules that stand in the code: one that does not read as a rule is a bug, told at start and never skipped. */
export function ownRules(texts: readonly string[]): readonly Rule[] {
  return texts.map((text) => {
    const rule = parseRule(text)
    if (rule === null) throw new Error(`A rule of our own does not read as one: ${text}`)
    return rule
  })
}

/** @param path decoded, without query and without a slash at its end */
export function decide(rules: readonly Rule[], method: string, path: string): Verdict {
  const asked = method === 'HEAD' ? 'GET' : method
  const plain = plainPath(path)
  for (let index = rules.length - 1; index >= 0; index -= 1) {
    const rule = rules[index]
    if (rule === undefined || rule.methods?.has(asked) === false) continue
    if (rule.isRefusal && (rule.path.test(path) || rule.path.test(plain))) {
      return { isAllowed: false, rule: rule.text }
    }
    if (!rule.isRefusal && rule.path.test(path)) return { isAllowed: true, by: rule }
  }
  return { isAllowed: false, rule: null }
}

/** A refusal holds in any case of letters: what Stripe makes of those is not ours to bet on. */
function pathPattern(path: string, isRefusal: boolean): RegExp {
  const source = path
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]*')
    .replace(/\[\^\/\]\*$/, '.*')
  return new RegExp(`^${source}$`, isRefusal ? 'is' : 's')
}

/** Of each part its first plain word, for a refusal must not be walked around with `.json`, `;x` or a blank before it. */
function plainPath(path: string): string {
  return path
    .split('/')
    .map((part) => /[\w-]+/.exec(part)?.[0] ?? '')
    .join('/')
}
