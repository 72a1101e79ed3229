/** A round-trip time with three significant digits, as ping(8) prints it. */
export function milliseconds(value: number): string {
  if (value < 1) return value.toFixed(3)
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)
}
