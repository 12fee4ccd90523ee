/** The public face of the browser SDK. */
export { createTollbridge, type Tollbridge, type TollbridgeOptions } from './create-tollbridge.ts'
export type { Theme } from './dialog/open-dialog.ts'
export type { Texts } from './dialog/texts.ts'
export type { PageConfig } from './page-config.ts'
export { TollbridgeError } from './tollbridge-error.ts'
