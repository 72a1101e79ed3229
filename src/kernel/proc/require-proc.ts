// Tells when /proc is missing, which would otherwise look as if no process and no namespace existed.
import { LabError } from '../../errors.js'
import { isThere } from '../small-file.js'

/** @throws LabError FEATURE_MISSING when /proc is not mounted. */
export function requireProc(): void {
  if (isThere('/proc/self')) return
  throw new LabError('FEATURE_MISSING', '/proc is not mounted here, in which nslab finds processes and namespaces', {
    hint: '`mount -t proc proc /proc` mounts it',
  })
}
