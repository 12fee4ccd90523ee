/** The parameters of a route, declared once: checked as Stripe checks them, and typed for the handler. */
import type { Form, FormValue } from './form-encoding.ts'
import { invalidRequest, missingParam, type StripeError } from './stripe-error.ts'

/** Reads one form value; `name` is its full name (`card[number]`) for error messages. */
export interface Param<T> {
  read(value: FormValue, name: string): T
  required?: true
}

export type Shape = Record<string, Param<unknown>>

/** What a shape reads to: required parameters are there, the others may be undefined. */
export type Parsed<S extends Shape> = {
  [K in keyof S]: S[K] extends Param<infer T> ? (S[K] extends { required: true } ? T : T | undefined) : never
}

/** @throws StripeError 400 that names the first parameter that is unknown, missing or of the wrong type. */
export function readParams<S extends Shape>(shape: S, form: Form, prefix = ''): Parsed<S> {
  const nameOf = (key: string): string => (prefix ? `${prefix}[${key}]` : key)
  const unknown = Object.keys(form).filter((key) => !Object.hasOwn(shape, key))
  if (unknown[0] !== undefined) throw unknownParams(unknown.map(nameOf))
  const parsed: Record<string, unknown> = {}
  for (const [key, param] of Object.entries(shape)) {
    const value = form[key]
    if (value !== undefined) parsed[key] = param.read(value, nameOf(key))
    else if (param.required) throw missingParam(nameOf(key))
  }
  return parsed as Parsed<S>
}

function unknownParams(names: string[]): StripeError {
  return invalidRequest(`Received unknown parameter${names.length > 1 ? 's' : ''}: ${names.join(', ')}`, {
    code: 'parameter_unknown',
    param: names[0] as string,
  })
}

/** Marks a parameter that must be sent. */
export function required<T>(param: Param<T>): Param<T> & { required: true } {
  return { read: param.read, required: true }
}

/** Accepts the empty string, which in Stripe's API unsets a value, as null. */
export function unsettable<T>(param: Param<T>): Param<T | null> {
  return { read: (value, name) => (value === '' ? null : param.read(value, name)) }
}

export function text(maxLength = 5000): Param<string> {
  return {
    read(value, name) {
      if (typeof value !== 'string') throw invalidRequest(`Invalid string: ${show(value)}`, { param: name })
      if (value === '') throw emptyParam(name)
      if (value.length > maxLength) {
        throw invalidRequest(
          `Invalid string: ${value.slice(0, 12)}...${value.slice(-4)}; must be at most ${maxLength} characters`,
          { param: name },
        )
      }
      return value
    },
  }
}

/** A whole number within bounds; `parameter_invalid_integer` otherwise. */
export function integer(bounds: { min?: number; max?: number } = {}): Param<number> {
  return {
    read(value, name) {
      const fail = (message: string): StripeError =>
        invalidRequest(message, { code: 'parameter_invalid_integer', param: name })
      if (value === '') throw emptyParam(name)
      if (typeof value !== 'string' || !/^[+-]?\d{1,15}$/.test(value)) {
        throw fail(`Invalid integer: ${show(value)}`)
      }
      const number = Number(value)
      if (bounds.min !== undefined && number < bounds.min) {
        throw fail(`This value must be greater than or equal to ${bounds.min}.`)
      }
      if (bounds.max !== undefined && number > bounds.max) {
        throw fail(`This value must be less than or equal to ${bounds.max}.`)
      }
      return number
    },
  }
}

export function bool(): Param<boolean> {
  return {
    read(value, name) {
      // Python's library writes them in its own way.
      if (value === 'true' || value === 'True' || value === '1') return true
      if (value === 'false' || value === 'False' || value === '0') return false
      throw invalidRequest(`Invalid boolean: ${show(value)}`, { param: name })
    },
  }
}

export function oneOf<const T extends string>(...allowed: T[]): Param<T> {
  return {
    read(value, name) {
      const match = allowed.find((choice) => choice === value)
      if (match !== undefined) return match
      const last = allowed.at(-1)
      const choices = allowed.length > 1 ? `one of ${allowed.slice(0, -1).join(', ')}, or ${last}` : last
      throw invalidRequest(`Invalid ${name}: must be ${choices}`, { param: name })
    },
  }
}

/** A hash with the given parameters and no others. */
export function hash<S extends Shape>(shape: S): Param<Parsed<S>> {
  return {
    read(value, name) {
      if (typeof value === 'string' || Array.isArray(value)) {
        throw invalidRequest('Invalid object', { param: name })
      }
      return readParams(shape, value, name)
    },
  }
}

/** A list in either notation, `a[]=x` or `a[0]=x`. */
export function list<T>(item: Param<T>, maxLength = 100): Param<T[]> {
  return {
    read(value, name) {
      if (typeof value === 'string') throw invalidRequest('Invalid array', { param: name })
      const items = Array.isArray(value) ? value : Object.values(value)
      if (!Array.isArray(value) && Object.keys(value).some((key) => !/^\d+$/.test(key))) {
        throw invalidRequest('Invalid array', { param: name })
      }
      if (items.length > maxLength) {
        throw invalidRequest(`Invalid array: at most ${maxLength} items are allowed`, { param: name })
      }
      return items.map((inner, index) => item.read(inner, `${name}[${index}]`))
    },
  }
}

/** Key-value pairs as Stripe limits them; an empty value removes its key, an empty `metadata` all keys. */
export function metadata(): Param<Record<string, string> | null> {
  return {
    read(value, name) {
      if (value === '') return null
      if (typeof value === 'string' || Array.isArray(value)) {
        throw invalidRequest('Invalid object', { param: name })
      }
      if (Object.keys(value).length > 50) {
        throw invalidRequest('You can specify up to 50 metadata keys.', { param: name })
      }
      for (const [key, inner] of Object.entries(value)) {
        const param = `${name}[${key}]`
        if (typeof inner !== 'string') throw invalidRequest(`Invalid string: ${show(inner)}`, { param })
        if (key.length > 40) {
          throw invalidRequest('Metadata keys must be at most 40 characters long', { param })
        }
        if (inner.length > 500) {
          throw invalidRequest(
            `Metadata values can have up to 500 characters, but you passed in a value that is ${inner.length} characters. Invalid value: ${inner.slice(0, 20)}…`,
            { param },
          )
        }
      }
      return { ...value } as Record<string, string>
    },
  }
}

/** Accepted as Stripe accepts it, but without effect here. */
export function ignored(): Param<FormValue> {
  return { read: (value) => value }
}

/** A parameter of Stripe's whose meaning the sandbox cannot give: refused rather than overlooked. */
export function unavailable(): Param<never> {
  return {
    read(_value, name) {
      throw invalidRequest(`The parameter ${name} is not available in this sandbox.`, { param: name })
    },
  }
}

/** The first reading that accepts the value; the error of the last otherwise. */
export function either<A, B>(first: Param<A>, second: Param<B>): Param<A | B> {
  return {
    read(value, name) {
      try {
        return first.read(value, name)
      } catch {
        return second.read(value, name)
      }
    },
  }
}

/**
 * The shape of a route's parameters, held against the SDK's own type: a name that the SDK declares and
 * the shape lacks does not compile. Names beyond the SDK's (removed or private ones) are allowed.
 */
export function shapeOf<Declared>() {
  return <S extends Shape & Record<keyof Declared, Param<unknown>>>(shape: S): S => shape
}

function emptyParam(name: string): StripeError {
  return invalidRequest(
    `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`,
    { code: 'parameter_invalid_empty', param: name },
  )
}

function show(value: FormValue): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 100)
}
