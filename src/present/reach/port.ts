// The line of `ping --tcp` and `ping --udp`.
import type { PortReport } from '../../model/reach/port-report.js'
import { printable } from '../printable.js'
import { milliseconds } from './milliseconds.js'

/** One line, without its end: `tcp port 80 of h2 (10.0.0.5) is open: 0.063 ms`. */
export function portText({ to, address, protocol, port, state, rttMs, error, reportedBy }: PortReport): string {
  const whom = `${protocol} port ${port} of ${to}${to === address ? '' : ` (${address})`}`
  const time = rttMs === null ? '' : `${milliseconds(rttMs)} ms`
  switch (state) {
    case 'open':
      return printable(`${whom} is open: ${time}`)
    case 'silent':
      return printable(
        `${whom} is silent: nothing came back${protocol === 'udp' ? ', as from a service that has no answer' : ''}`,
      )
    case 'refused':
    case 'unreachable': {
      const from = reportedBy === null ? '' : `from ${reportedBy}: `
      return printable(`${whom} is ${state}: ${from}${error ?? ''}${time === '' ? '' : ` (${time})`}`)
    }
  }
}
