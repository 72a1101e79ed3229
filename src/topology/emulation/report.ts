// Where faults of impairments go: into those of a topology, or of the words of a command.
import type { Path } from '../source/located.js'

/** @param part whether the fault is in the value at the path, or in its key */
export type Report = (path: Path, message: string, part?: 'key' | 'value') => void
