import { expect, test } from 'vitest'
import { javaAnswer } from '../../../../../../test/support/java-call.ts'
import { ServiceError } from '../../../errors.ts'
import { faultForm } from './fault-form.ts'

const stopping = new ServiceError('shutting_down', { message: 'Stopping.', retryAfterSeconds: 1 })
const formOf = (url: string | null) => faultForm(stopping, { requestId: 'req_1', url })

test.each([
  '/app_1/key/binary',
  '/api/binary',
  '//app_1//key//binary/',
  '/abc/key/binary?x=1',
  '/%ZZ/key/binary',
])('what is asked at %s is answered as a fault with HTTP 200', (url) => {
  const answer = formOf(url)
  expect(answer).toMatchObject({ status: 200, contentType: 'application/x-amf' })
  expect(javaAnswer(answer?.body ?? Buffer.alloc(0))).toMatchObject({
    fault: {
      faultCode: '503',
      faultDetail: 'shutting_down',
      extendedData: { retry_after: 1, request_id: 'req_1' },
    },
  })
})

test.each([
  null,
  '/',
  '/binary',
  '/v1/payments/binary',
  '/v1/binary',
  '/webhooks/stripe/binary',
  '/app_1/key/binary/more',
  '/app_1/key/info?x=/a/b/binary',
  '/app_1/key/services/binary',
])('what is asked at %s is somebody else’s', (url) => {
  expect(formOf(url)).toBeNull()
})
