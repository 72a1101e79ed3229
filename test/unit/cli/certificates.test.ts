import { expect, test } from 'vitest'
import { restoreCertificates, withoutCertificates } from '../../../src/cli/certificates.js'

test.each([
  { PATH: '/bin', NODE_EXTRA_CA_CERTS: '/etc/proxy.pem' },
  { PATH: '/bin', NODE_EXTRA_CA_CERTS: '' },
  { PATH: '/bin' },
])('%o is the same again, and has no certificates on the way', (environment) => {
  const carried = withoutCertificates(environment)
  expect(carried).not.toHaveProperty('NODE_EXTRA_CA_CERTS')
  restoreCertificates(carried)
  expect(carried).toEqual(environment)
})
