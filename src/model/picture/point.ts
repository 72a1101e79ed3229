/** A place on the sheet of a picture, in its units from its left and upper edge. */
export interface Point {
  x: number
  y: number
}
