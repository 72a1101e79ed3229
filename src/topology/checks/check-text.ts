// What reports call a check: as it is written, on one line.
import type { WrittenCheck } from '../schema/checks.js'

export function checkText({ ping, unreachable, tcp, udp, path, route, exec }: WrittenCheck): string {
  if (ping !== undefined) {
    if (typeof ping === 'string') return `ping ${arrow(ping)}`
    const { rtt, loss, count } = ping
    const limits = [rtt && `rtt ${rtt}`, loss !== undefined && `loss ${loss} %`, count && `${count} packets`]
    return `ping ${pair(ping)}${listed(limits.filter((each) => typeof each === 'string'))}`
  }
  if (unreachable !== undefined)
    return `unreachable ${typeof unreachable === 'string' ? arrow(unreachable) : pair(unreachable)}`
  if (tcp !== undefined) return `tcp ${portText(tcp)}`
  if (udp !== undefined) return `udp ${portText(udp)}`
  if (path !== undefined)
    return `path ${pair(path)} ${path.via.length === 0 ? 'directly' : `via ${path.via.join(', ')}`}`
  if (route !== undefined) {
    const { node, to, via, interface: device } = route
    return `route ${node}: ${to}${via === undefined ? '' : ` via ${via}`}${device === undefined ? '' : ` dev ${device}`}`
  }
  if (exec !== undefined) return `exec ${exec.node}: ${typeof exec.run === 'string' ? exec.run : exec.run.join(' ')}`
  return ''
}

const arrow = (text: string): string => text.trim().replace(/\s*->\s*/, ' -> ')

const portText = (written: NonNullable<WrittenCheck['tcp']>): string =>
  typeof written === 'string' ? arrow(written) : `${written.from} -> ${written.to}:${written.port}${ofFamily(written)}`

const pair = (written: { from: string; to: string; family?: 4 | 6 | undefined }): string =>
  `${written.from} -> ${written.to}${ofFamily(written)}`

const ofFamily = ({ family }: { family?: 4 | 6 | undefined }): string => (family === undefined ? '' : ` IPv${family}`)

const listed = (words: readonly string[]): string => (words.length === 0 ? '' : `, ${words.join(', ')}`)
