// Keys of WireGuard: those of a lab, which are the same for the same names, and the public ones that belong to them. No
// secret comes of it: whoever knows the names can compute a lab's keys.

/** Arithmetic alone is asked of it. Loaded when it is needed, since that takes three milliseconds. */
const crypto = () => process.getBuiltinModule('node:crypto')

const KEY_LENGTH = 32
/** Another one would give every lab other keys. */
const SALT = 'nslab wireguard 1'
/** What precedes the key in PKCS #8 (RFC 8410 section 7). */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** The private key of an interface for which none is written (RFC 5869), in base64. */
export function labKey(lab: string, node: string, name: string): string {
  const bytes = crypto().hkdfSync('sha256', `${lab}:${node}:${name}`, SALT, 'private key', KEY_LENGTH)
  return clamped(Buffer.from(bytes).toString('base64'))
}

/** As the kernel keeps it (RFC 7748 section 5, decodeScalar25519). */
export function clamped(key: string): string {
  const bytes = Buffer.from(key, 'base64')
  bytes[0] = (bytes[0] as number) & 248
  bytes[31] = ((bytes[31] as number) & 127) | 64
  return bytes.toString('base64')
}

/** X25519 of the key and the base point (RFC 7748 section 6.1). */
export function publicKey(key: string): string {
  const der = Buffer.concat([PKCS8, Buffer.from(key, 'base64')])
  const { createPrivateKey, createPublicKey } = crypto()
  const own = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(own).export({ format: 'der', type: 'spki' })
  return spki.subarray(-KEY_LENGTH).toString('base64')
}
