// Globs over names of nodes.

/** A glob as a regular expression for whole names: `*` stands for any characters and `?` for one; all others for themselves. */
export function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[\\^$.|+()[\]{}]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`)
}
