/** The public face of the browser SDK. */
export { createTollbridge, type Tollbridge, type TollbridgeOptions } from './create-tollbridge.ts'
export type { Theme } from './dialog/open-dialog.ts'
export type { Texts } from './dialog/texts.ts'
export type { PageConfig } from './page-config.ts'
export { TollbridgeError } from './tollbridge-error.ts'
export type { BrowserPlugin, OriginalMessage, PluginApi, PluginFunction } from './ui/browser-plugin.ts'
export type { LocalCallback, LocalRun, MessageBody, PluginMessage, Ui, UiMessage } from './ui/create-ui.ts'
