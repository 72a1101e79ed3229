// Finds the native helper, and other files of the package. Apart from running it: a program that is replaced by the helper needs no
// node:child_process, which takes 2 ms to load.
import { fileURLToPath } from 'node:url'
import { LabError } from '../errors.js'
import { isThere } from './small-file.js'

/**
 * Where the shim's executable is: built from source, else the published one for this processor.
 *
 * @throws LabError FEATURE_MISSING when there is none; KernelError when that cannot be found out.
 */
export function shimPath(): string {
  const candidates = ['build/nslab-shim', `prebuilt/linux-${process.arch}/nslab-shim`]
  for (const candidate of candidates) {
    const path = packagePath(`native-shim/${candidate}`)
    if (isThere(path)) return path
  }
  throw new LabError('FEATURE_MISSING', `the native helper nslab-shim is not built for linux-${process.arch}`, {
    hint: 'run `npm run build:native`, which needs a C compiler (apt-get install gcc libc6-dev make)',
  })
}

/**
 * The path of a file of the package. The sources and the bundles of the build lie equally deep.
 *
 * @param path relative to the root of the package
 */
export const packagePath = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
