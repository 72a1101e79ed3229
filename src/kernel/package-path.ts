// Where files of the package are, for the sources and for the bundles of the build, which lie as deep.
import { fileURLToPath } from 'node:url'

/** @param path relative to the root of the package */
export const packagePath = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
