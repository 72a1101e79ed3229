// A picture with everything in its place: what `graph --json` gives, and what svg, png, html and draw.io are made from. Lengths are in
// units of the sheet, one CSS pixel each; x grows to the right, y down. Pure data, JSON-safe.

import type { LinkState } from '../lab-view.js'
import type { PictureGroup, PictureLayer, PictureNetwork, PictureNode } from './graph.js'
import type { Point } from './point.js'

export interface Sheet {
  lab: string
  width: number
  height: number
  nodes: PlacedNode[]
  lines: PlacedLine[]
  groups: PlacedGroup[]
  /** What the colours of lines mean, in the order of the colours; empty where a legend helps nobody. */
  legend: PlacedNetwork[]
  /** One sentence each: positions that could not be kept, and what was left out. */
  warnings: string[]
}

/** The upper left corner and the size. */
export interface Box extends Point {
  width: number
  height: number
}

export interface PlacedNode {
  node: PictureNode
  box: Box
}

export interface PlacedGroup {
  group: PictureGroup
  box: Box
}

export interface PlacedNetwork {
  network: PictureNetwork
  /** Its prefix, and the switches that it is on. */
  text: string
  /** Of a sample of the line and the text. */
  box: Box
}

export interface PlacedText {
  lines: string[]
  box: Box
}

export interface PlacedLine {
  id: string
  /** Ids of the nodes at its ends, and the names of the interfaces. */
  ends: [{ node: string; interface: string }, { node: string; interface: string }]
  layer: PictureLayer
  type: string
  state: LinkState
  /** From the edge of the first box to that of the second. */
  points: Point[]
  /** What is written at each end; null: nothing. */
  endTexts: [PlacedText | null, PlacedText | null]
  /** What is written at its middle; null: nothing. */
  text: PlacedText | null
  /** Place in `legend`; null: no colour. */
  network: number | null
}
