// Keys of WireGuard interfaces. They are computed from names, so that they are the same each time, and they are no secret:
// everybody who knows the names can compute them.

/** Used for pure computation only. It is loaded when needed, since that takes three milliseconds. */
const crypto = () => process.getBuiltinModule('node:crypto')

const KEY_LENGTH = 32
/** Must not change, or every lab has other keys. */
const SALT = 'nslab wireguard 1'
/** The bytes before the key in PKCS #8 (RFC 8410 section 7). */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** The private key of an interface without a written one (HKDF, RFC 5869), in base64. */
export function labKey(lab: string, node: string, name: string): string {
  const bytes = crypto().hkdfSync('sha256', `${lab}:${node}:${name}`, SALT, 'private key', KEY_LENGTH)
  return clamped(Buffer.from(bytes).toString('base64'))
}

/** A private key in the form in which the kernel keeps it (RFC 7748 section 5, decodeScalar25519). */
export function clamped(key: string): string {
  const bytes = Buffer.from(key, 'base64')
  bytes[0] = (bytes[0] as number) & 248
  bytes[31] = ((bytes[31] as number) & 127) | 64
  return bytes.toString('base64')
}

/** The public key of a private key: X25519 with the base point (RFC 7748 section 6.1). */
export function publicKey(key: string): string {
  const der = Buffer.concat([PKCS8, Buffer.from(key, 'base64')])
  const { createPrivateKey, createPublicKey } = crypto()
  const own = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(own).export({ format: 'der', type: 'spki' })
  return spki.subarray(-KEY_LENGTH).toString('base64')
}
