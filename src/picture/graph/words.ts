// What is written at lines and nodes, and how their states look, the same in all formats.
import type { LinkState } from '../../model/lab-view.js'
import type { PictureEnd, PictureNode } from '../../model/picture/graph.js'
import type { PictureLabels } from '../../model/picture/options.js'

/** The text at the end of a line. */
export function endLines({ interface: name, addresses, master }: PictureEnd, labels: PictureLabels): string[] {
  switch (labels) {
    case 'none':
      return []
    case 'names':
      return name === '' ? [] : [name]
    case 'addresses':
      return addresses
    case 'all': {
      const title = [name, ...(master === null ? [] : [`in ${master}`])].join(' ')
      return [...(title === '' ? [] : [title]), ...addresses]
    }
  }
}

/** Whether a link carries nothing. */
export const isOff = (state: LinkState): boolean => !['planned', 'up', 'unknown'].includes(state)

/** What the box of a node says of its state; null for what is usual. */
export const statusWord = ({ status }: PictureNode): string | null =>
  status === 'dead' || status === 'paused' ? status : null
