/** An element as the page holds it: its life in the page, its events, its frame. */
import { type ElementType, FRAME_PAGES } from '../../element-types.ts'
import type { FieldError } from '../shared/stripe-js-error.ts'
import { createEmitter, type Handler } from './emitter.ts'
import { type FrameChannel, openFrame, setStyles } from './frame-channel.ts'
import { groundBehind } from './ground-behind.ts'
import { IntegrationError } from './integration-error.ts'
import { findMountNode, focusFromLabels, submitFormOf } from './mount-node.ts'
import { FRAME_STYLES, WRAPPER_STYLES } from './mount-styles.ts'
import { SANDBOX_BUYER, WALLETS } from './sandbox-wallet.ts'
import { createStateClasses } from './state-classes.ts'

export type Options = Readonly<Record<string, unknown>>

export interface HostElementDeps {
  origin: string
  key: string
  /** What the frame must know of the group; rejects with a StripeJsError when the group cannot load. */
  facts(): Promise<Options>
  onChange?(event: Options): void
  /** The customer typed or chose something. */
  onEdit?(): void
  onDestroy(): void
}

/** What elements of the public API are made of. The methods of the page come first, the group's own last. */
export class HostElement {
  readonly #deps: HostElementDeps
  readonly #type: ElementType
  readonly #events = createEmitter()
  readonly #classes = createStateClasses()
  #options: Options
  #node: HTMLElement | undefined
  #channel: FrameChannel | undefined
  #stopLabels: () => void = () => {}
  #destroyed = false
  #ready = false
  #lastChange = ''
  #edited = false

  constructor(type: ElementType, options: Options, deps: HostElementDeps) {
    this.#type = type
    this.#options = options
    this.#deps = deps
    this.#classes.rename(options['classes'])
  }

  mount(target: unknown): void {
    if (this.#destroyed) {
      throw new IntegrationError('This Element has already been destroyed. Please create a new one.')
    }
    const node = findMountNode(target)
    if (node === this.#node && this.#channel?.iframe.isConnected) return
    if (this.#node) {
      throw new IntegrationError(
        'This Element is already mounted. Use `unmount()` to unmount the Element before re-mounting.',
      )
    }
    this.#node = node
    const wrapper = document.createElement('div')
    wrapper.className = '__PrivateStripeElement'
    setStyles(wrapper, WRAPPER_STYLES)
    const channel = this.#open()
    this.#channel = channel
    wrapper.append(channel.iframe)
    node.replaceChildren(wrapper)
    this.#classes.attach(node)
    this.#stopLabels = focusFromLabels(node, () => this.focus())
    if (this.#type === 'payment') this.#emit('loaderstart', {})
    void this.#start(channel)
  }

  unmount(): void {
    this.#ready = false
    this.#lastChange = ''
    this.#stopLabels()
    this.#classes.detach()
    this.#channel?.close()
    this.#channel = undefined
    this.#node?.replaceChildren()
    this.#node = undefined
  }

  destroy(): void {
    if (this.#destroyed) return
    this.unmount()
    this.#destroyed = true
    this.#deps.onDestroy()
  }

  update(options: Options): this {
    if (typeof options !== 'object' || options === null) {
      throw new IntegrationError('Invalid value for element.update(): an object with options is expected.')
    }
    this.#options = { ...this.#options, ...options }
    if ('classes' in options) this.#classes.rename(options['classes'])
    this.#tell('update', toFrame(options))
    return this
  }

  focus(): void {
    this.#channel?.iframe.focus()
    this.#tell('focus')
  }

  blur(): void {
    this.#tell('blur')
    this.#channel?.iframe.blur()
  }

  clear(): void {
    this.#tell('clear')
  }

  collapse(): this {
    this.#tell('collapse')
    return this
  }

  on(name: string, handler: Handler): this {
    this.#events.on(name, checkedHandler(name, handler))
    return this
  }

  once(name: string, handler: Handler): this {
    this.#events.once(name, checkedHandler(name, handler))
    return this
  }

  addListener(name: string, handler: Handler): this {
    return this.on(name, handler)
  }

  off(name: string, handler?: Handler): this {
    this.#events.off(name, handler)
    return this
  }

  removeListener(name: string, handler?: Handler): this {
    return this.off(name, handler)
  }

  removeAllListeners(name: string): this {
    return this.off(name)
  }

  get _type(): ElementType {
    return this.#type
  }

  /** The name of its frame while it is mounted. */
  get _frameName(): string | undefined {
    return this.#channel?.iframe.name
  }

  /** Asks its frame. @throws IntegrationError when it is not mounted. */
  async _ask(method: string, params?: unknown): Promise<unknown> {
    const channel = this.#channel
    if (!channel?.iframe.isConnected) {
      throw new IntegrationError(
        'We could not retrieve data from the specified Element. Please make sure the Element you are attempting to use is still mounted.',
      )
    }
    return channel.call(method, params)
  }

  /** What its frame knows of the group changed. */
  async _regroup(group: Options): Promise<void> {
    if (!this.#channel) return
    setColorScheme(this.#channel.iframe, group)
    await this._ask('group', this.#groupFacts(group))
  }

  /** The payment form's text stands on the page's ground, which its frame cannot see. */
  #groupFacts(group: Options): Options {
    const ground = this.#type === 'payment' && this.#node ? (groundBehind(this.#node) ?? '') : ''
    return toFrame({ ...group, ground })
  }

  async _validate(): Promise<FieldError | undefined> {
    return (await this._ask('validate')) as FieldError | undefined
  }

  #open(): FrameChannel {
    const { page, title } = FRAME_PAGES[this.#type]
    return openFrame({
      origin: this.#deps.origin,
      page,
      component: this.#type,
      title,
      styles: FRAME_STYLES,
      onNotice: (name, detail) => this.#notice(name, detail),
      onLoadError: () =>
        this.#failLoad({ type: 'api_connection_error', message: 'The element did not load.' }),
    })
  }

  async #start(channel: FrameChannel): Promise<void> {
    const { key, facts } = this.#deps
    try {
      const group = await facts()
      setColorScheme(channel.iframe, group)
      await channel.call('init', {
        key,
        type: this.#type,
        options: toFrame(this.#options),
        group: this.#groupFacts(group),
      })
      if (this.#channel !== channel) return
      this.#ready = true
      this.#emit('ready', this.#type === 'expressCheckout' ? { availablePaymentMethods: WALLETS } : {})
    } catch (error) {
      if (this.#channel === channel) this.#failLoad(error)
    }
  }

  #failLoad(error: unknown): void {
    this.#emit('loaderror', {
      error: error instanceof Error ? { type: 'api_error', message: error.message } : error,
    })
  }

  #notice(name: string, detail: unknown): void {
    if (name === 'height' && this.#channel) setStyles(this.#channel.iframe, { height: `${Number(detail)}px` })
    else if (name === 'change') this.#changed(detail as Options)
    else if (name === 'focus' || name === 'blur') {
      this.#classes.set('focus', name === 'focus')
      this.#emit(name, {})
    } else if (name === 'escape') this.#emit('escape', {})
    else if (name === 'autofill') this.#classes.set('webkitAutofill', true)
    else if (name === 'enter') submitFormOf(this.#node)
    else if (name === 'click') this.#pressExpress()
    else if (name === 'edit') {
      this.#edited = true
      this.#deps.onEdit?.()
    }
  }

  #changed(event: Options): void {
    this.#classes.set('empty', event['empty'] === true)
    this.#classes.set('complete', event['complete'] === true)
    this.#classes.set('invalid', event['error'] !== undefined)
    if (event['empty'] === true) this.#classes.set('webkitAutofill', false)
    this.#deps.onChange?.(event)
    const state = JSON.stringify(event)
    const isNews = this.#edited || state !== this.#lastChange
    this.#lastChange = state
    this.#edited = false
    if (this.#ready && isNews)
      this.#events.emit('change', this.#type === 'payment' ? event : { error: undefined, ...event })
  }

  /** The page may hold the wallet up until it has resolved the click. */
  #pressExpress(): void {
    const proceed = (): void => {
      this.#emit('confirm', {
        expressPaymentType: 'link',
        billingDetails: SANDBOX_BUYER,
        paymentFailed: () => this.#emit('cancel', {}),
      })
    }
    const reject = (): void => this.#emit('cancel', {})
    if (this.#events.has('click'))
      this.#emit('click', { expressPaymentType: 'link', resolve: proceed, reject })
    else proceed()
  }

  #emit(name: string, event: Options): void {
    this.#events.emit(name, { elementType: this.#type, ...event })
  }

  /** For what needs no answer; before the frame is ready its options say it all. */
  #tell(method: string, params?: unknown): void {
    this.#channel?.call(method, params).catch(() => {})
  }
}

function checkedHandler(name: string, handler: Handler): Handler {
  if (typeof handler === 'function') return handler
  throw new IntegrationError(`Invalid value for element.on('${name}'): the handler must be a function.`)
}

/** Where it differs from that of the frame's document, the browser paints the frame's ground white. */
function setColorScheme(iframe: HTMLIFrameElement, group: Options): void {
  const { theme } = (group['appearance'] ?? {}) as { theme?: string }
  setStyles(iframe, { 'color-scheme': theme === 'night' ? 'dark' : 'light' })
}

/** Only data can be posted: functions and nodes in options would make it fail. */
function toFrame(options: Options): Options {
  return JSON.parse(JSON.stringify(options)) as Options
}
