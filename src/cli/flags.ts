// Flags and arguments that several commands share.
import { LabError } from '../errors.js'
import { argument, Flags, requiredArgument } from './oclif.js'

export const fileArgument = requiredArgument('topology file; - reads standard input')
export const labArgument = argument('name of a running lab; may be left out while only one runs')
export const nodeArgument = requiredArgument('[LAB/]NODE')

const labName = Flags.custom<string>({ parse: labNameOf })

async function labNameOf(text: string): Promise<string> {
  // Loaded only for --name, since it brings the whole schema.
  const { nameFault } = await import('../topology/values/values.js')
  const fault = nameFault(text)
  if (fault === null) return text
  throw new LabError('USAGE', `--name ${JSON.stringify(text)}: ${fault}`)
}

export const nameFlag = labName({ description: 'name of the lab, instead of the one in the file' })
export const generatedNameFlag = labName({ description: 'name of the lab; by default, that of the shape' })

/** Flags of every command that reads a topology. */
export const topologyFlags = {
  name: nameFlag,
  set: Flags.string({
    description: 'value for a variable of the file; may be given several times',
    helpValue: 'NAME=VALUE',
    multiple: true,
    multipleNonGreedy: true,
    parse: assignment,
  }),
}

function assignment(text: string): Promise<string> {
  if (text.indexOf('=') > 0) return Promise.resolve(text)
  return Promise.reject(new LabError('USAGE', `--set ${text}: not NAME=VALUE`))
}

/** For -4 and -6, as in ping(8): oclif's parser accepts any character, its types letters only. */
const digit = (char: '4' | '6') => char as unknown as 'a'

/** A TCP or UDP port. */
export const portFlag = (description: string, exclusive: string[]) =>
  Flags.integer({ description, helpValue: 'PORT', min: 1, max: 65_535, exclusive })

/** As in ping(8). */
export const pingFlags = {
  count: Flags.integer({
    char: 'c',
    description: 'echo requests to send to each address; by default 3, with --all 2',
    min: 1,
    max: 100_000,
  }),
  interval: Flags.string({
    char: 'i',
    description: 'seconds between two requests; by default 0.2, with --all 0: each after the answer to the one before',
    parse: seconds,
  }),
  timeout: Flags.string({ char: 'W', description: 'seconds to wait for a reply; by default 1', parse: seconds }),
  ipv4: Flags.boolean({ char: digit('4'), description: 'IPv4 only', exclusive: ['ipv6'] }),
  ipv6: Flags.boolean({ char: digit('6'), description: 'IPv6 only', exclusive: ['ipv4'] }),
}

function seconds(text: string): Promise<string> {
  if (/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text) && Number(text) <= 3600) return Promise.resolve(text)
  return Promise.reject(new LabError('USAGE', `${text} is not a number of seconds (0 to 3600)`))
}

/** Flags with a time as in `sleep 1m30s`, with its unit. */
export const durationFlag = Flags.custom<number>({ parse: milliseconds, helpValue: 'TIME' })

async function milliseconds(text: string): Promise<number> {
  const { parseDuration } = await import('../topology/values/duration.js')
  const duration = parseDuration(text)
  if (typeof duration === 'string') throw new LabError('USAGE', duration)
  const ms = duration.seconds * 1000 + duration.nanoseconds / 1e6
  if (ms > 0 && ms <= 2 ** 31) return ms
  throw new LabError('USAGE', `${text} is not between 1ms and 24d`)
}

/** Flags of every command that changes a running lab. */
export const turnFlags = {
  wait: durationFlag({
    description: 'how long to wait while another command changes the lab; by default as long as it takes',
    exclusive: ['no-wait'],
  }),
  'no-wait': Flags.boolean({ description: 'fail at once while another command changes the lab' }),
}
