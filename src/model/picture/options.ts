// How a lab is to be drawn.
import type { PictureLayer } from './graph.js'
import type { Point } from './point.js'

export const PICTURE_FORMATS = ['svg', 'png', 'dot', 'mermaid', 'drawio', 'ascii', 'html'] as const
export type PictureFormat = (typeof PICTURE_FORMATS)[number]

export const PICTURE_LABELS = ['none', 'names', 'addresses', 'all'] as const
export type PictureLabels = (typeof PICTURE_LABELS)[number]

export const PICTURE_LAYERS = ['all', 'underlay', 'overlay'] as const

export const PICTURE_THEMES = ['auto', 'light', 'dark'] as const
/** `auto`: svg and html follow the reader's setting; png is light. */
export type PictureTheme = (typeof PICTURE_THEMES)[number]

export interface PictureOptions {
  labels: PictureLabels
  layer: 'all' | PictureLayer
  /** The label by whose value nodes are put into groups; null: no groups. */
  groupBy: string | null
  theme: PictureTheme
  /** Every node of a very large lab, rather than groups with counts. */
  full: boolean
  /** Positions that win over the layout, by name of node: the centre of its box. */
  positions: Record<string, Point>
  /** Columns for `ascii`. */
  columns: number
  /** Whether `ascii` keeps to characters of ASCII. */
  plain: boolean
}

/** What is not said; `labels` depends on the size of the lab. */
export const PICTURE_DEFAULTS: Readonly<Omit<PictureOptions, 'labels'>> = {
  layer: 'all',
  groupBy: null,
  theme: 'auto',
  full: false,
  positions: {},
  columns: 80,
  plain: false,
}
