/** For tests of other things: no page is let in for messages. */
import { ServiceError } from '../../packages/server/src/errors.ts'
import type { UiDoor } from '../../packages/server/src/realtime/ui-door.ts'

const refuse = async (): Promise<never> => {
  throw new ServiceError('ui_session_invalid', { message: 'This test has no sessions.' })
}

export const noUiDoor: UiDoor = { connect: refuse, claim: refuse, answer: refuse }
