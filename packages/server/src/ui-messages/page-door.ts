/** The desk for transports that bring token, tab and options themselves, such as Socket.IO. */
import { ServiceError } from '../errors.ts'
import { parseBody } from '../http/parse-body.ts'
import type { PageProof, ReadPageCaller } from './page-caller.ts'
import type { DeskSink, PageDesk } from './page-desk.ts'
import { refuseDepth } from './refusals.ts'
import { callbackSchema, claimSchema, LARGEST_BODY_BYTES } from './schema.ts'

export interface PageDoor {
  /** @returns the way to end it. */
  connect(proof: PageProof, sink: DeskSink): Promise<() => void>
  claim(proof: PageProof, options: object): Promise<object>
  answer(proof: PageProof, options: object): Promise<object>
}

export function createPageDoor(desk: PageDesk, readCaller: ReadPageCaller): PageDoor {
  return {
    async connect(proof, sink) {
      const caller = await readCaller(proof)
      desk.assertRoom(caller)
      return desk.connect(caller, sink)
    },
    async claim(proof, options) {
      const caller = await readCaller(proof)
      return desk.claim(caller, parseBody(claimSchema, options).id)
    },
    async answer(proof, options) {
      const caller = await readCaller(proof)
      refuseDepth(options)
      if (Buffer.byteLength(JSON.stringify(options)) > LARGEST_BODY_BYTES) {
        throw new ServiceError('body_too_large', { message: 'The answer is larger than 64 KiB.' })
      }
      return desk.answer(caller, parseBody(callbackSchema, options))
    },
  }
}
