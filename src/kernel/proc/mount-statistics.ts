// The statistics that file systems keep of each mount (proc_pid_mountstats(5)). In the mainline kernel, only NFS keeps any.
import { unescaped } from './mount-table.js'

export interface MountStatistics {
  target: string
  type: string
  /** Lines of statistics without indentation; tabs are replaced by blanks. Never empty. */
  lines: string[]
}

/** The mounts that have statistics, in the order in which they were mounted. */
export function parseMountStatistics(text: string): MountStatistics[] {
  const mounts: MountStatistics[] = []
  for (const line of text.split('\n')) {
    const head = /^(?:device .*|no device) mounted on (\S+) with fstype (\S+)(?: (.*))?$/.exec(line)
    if (head) {
      const [, target = '', type = '', version] = head
      mounts.push({ target: unescaped(target), type, lines: version ? [version] : [] })
    } else if (line.trim() !== '') mounts.at(-1)?.lines.push(line.trim().replaceAll('\t', ' '))
  }
  return mounts.filter(({ lines }) => lines.length > 0)
}
