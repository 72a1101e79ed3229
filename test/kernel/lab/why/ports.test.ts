// Ports that are not open although packets arrive, and nodes that are dead or paused.
import { type Break, breaks, type Step } from './breaks.js'

// h1 ── r1 ── h2
const ROUTER = `
nodes: { h1: {}, r1: { kind: router }, h2: {} }
links: [[h1, r1], [r1, h2]]`

/** Starts a service, whose PID is in a file of its port. */
const started = (name: string, port: number, command: string): Step => [
  'h2',
  `setsid ${command} >/dev/null 2>&1 & echo $! >/run/${name}; until ss -Hltun | grep -q :${port}; do sleep 0.05; done`,
]
const stopped = (name: string): Step => [
  'h2',
  `kill $(cat /run/${name}); while kill -0 $(cat /run/${name}) 2>/dev/null; do sleep 0.02; done`,
]
const serve = (port: number, address: string): Step =>
  started(`tcp${port}`, port, `python3 -m http.server ${port} --bind ${address}`)
const datagrams = (port: number, act: string): Step =>
  started(
    `udp${port}`,
    port,
    `python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", ${port}))
while True: ${act}'`,
  )
const echo = (port: number): Step => datagrams(port, 's.sendto(*s.recvfrom(2048))')

const tcp = (port: number): Pick<Break, 'options' | 'worksBefore'> => ({
  options: { protocol: 'tcp', port },
  worksBefore: false,
})

const BREAKS: Break[] = [
  {
    name: 'nothing listens',
    ...tcp(80),
    broken: [],
    cause: ['port-closed', 'h2', null],
    words: /^h1 cannot reach TCP port 80 of h2: nothing listens on TCP port 80 of h2, nor on any other TCP port$/,
    mend: [serve(80, '0.0.0.0')],
  },
  {
    name: 'nothing listens, but on another port',
    ...tcp(81),
    broken: [],
    cause: ['port-closed', 'h2', null],
    words: /\(it listens on 80\)$/,
    mend: [serve(81, '10.0.0.3')],
  },
  {
    name: 'a service for the node itself',
    ...tcp(8080),
    broken: [serve(8080, '127.0.0.1')],
    cause: ['listens-on-loopback', 'h2', null],
    mend: [stopped('tcp8080'), serve(8080, '0.0.0.0')],
  },
  {
    name: 'a service of the other family',
    options: { protocol: 'tcp', port: 8080, family: 6 },
    broken: [],
    cause: ['listens-elsewhere', 'h2', null],
    words: /only, not of fd00::3$/,
    worksBefore: false,
    mend: [stopped('tcp8080'), serve(8080, '::')],
  },
  {
    name: 'a UDP port without a service',
    options: { protocol: 'udp', port: 7 },
    worksBefore: false,
    broken: [],
    cause: ['port-closed', 'h2', null],
    mend: [echo(7)],
  },
  {
    name: 'a UDP service that has no answer',
    options: { protocol: 'udp', port: 9 },
    worksBefore: false,
    broken: [datagrams(9, 's.recvfrom(2048)')],
    cause: ['port-silent', 'h2', null],
    words: /the service on UDP port 9 of h2 has sent no answer/,
    mend: [stopped('udp9'), echo(9)],
  },
  {
    name: 'a paused node, whose service does not run',
    options: { protocol: 'udp', port: 7 },
    broken: [['nslab', 'pause h2']],
    cause: ['node-paused', 'h2', null],
    words: /h2 is paused, and the service on UDP port 7 of h2 does not run now$/,
  },
  {
    name: 'a dead node, whose service has ended with it',
    options: { protocol: 'tcp', port: 80 },
    broken: [['kill', 'h2']],
    cause: ['node-dead', 'h2', null],
    words: /h2 is dead, and nothing listens on TCP port 80 of h2, nor on any other TCP port$/,
    alsoMend: [serve(80, '0.0.0.0')],
  },
  {
    name: 'a dead router that has lost a route, which it gets when it is restarted',
    broken: [
      ['r1', 'sysctl -w net.ipv4.ip_forward=0'],
      ['kill', 'r1'],
    ],
    cause: ['node-dead', 'r1', 'eth0'],
    words: /r1 is dead, and r1 does not forward IPv4 packets/,
  },
]

breaks('ports and nodes', ROUTER, BREAKS)
