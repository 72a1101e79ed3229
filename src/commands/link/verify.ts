import { interruptible, LabCommand } from '../../cli/command.js'
import { argument, Flags } from '../../cli/oclif.js'
import { LabError } from '../../errors.js'
import { checksText } from '../../present/link-checks.js'
import { duration } from '../../present/quantity.js'

/** A check that takes longer says so first. */
const LONG_MS = 3000
const NUMBER = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/

export default class LinkVerify extends LabCommand {
  static readonly network = 'none'
  static override summary = 'Measure whether links do what is configured.'
  static override description =
    'Sends probes both ways along a link, or along all links that impair frames, and compares delay, jitter, loss, duplication, ' +
    'reordering, corruption and rate with what is configured. Other traffic on the links disturbs the measurement. The exit ' +
    'status is 8 when something differs. Events that are too rare for the number of probes have the verdict "not enough ' +
    'probes": --duration and --probes send more.'
  static override examples = [
    '<%= config.bin %> link verify h1:eth0',
    '<%= config.bin %> link verify --all --duration 10 --json',
    '<%= config.bin %> link verify wan/r1:eth1 --probes 1000000 --duration 100',
  ]
  static override args = { endpoint: argument('[LAB/]NODE:INTERFACE; [LAB/]NODE for a node with one link') }
  static override flags = {
    all: Flags.boolean({ description: 'all links of the lab that impair frames' }),
    lab: Flags.string({ description: 'lab of the links; may be left out while only one runs' }),
    duration: Flags.string({ description: 'seconds for each kind of probes; by default 5', parse: seconds }),
    tolerance: Flags.string({
      description: 'milliseconds of delay that this machine may add; by default 0.15, which an idle machine keeps',
      parse: milliseconds,
    }),
    probes: Flags.integer({
      description: 'most probes of a kind in each direction; by default 100000',
      min: 10,
      max: 10_000_000,
    }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(LinkVerify)
    const { selectEnd } = await import('../../lab/links/endpoint.js')
    const { selectLab } = await import('../../lab/record/select.js')
    const { directionsOf, impairedDirections } = await import('../../lab/verify/directions.js')
    const { verificationMs, VERIFY_DEFAULTS, verifyLinks } = await import('../../lab/verify/verify.js')
    if ((args.endpoint === undefined) !== (flags.all === true)) {
      throw new LabError('USAGE', 'link verify needs either one end of a link or --all')
    }
    const end = args.endpoint === undefined ? null : selectEnd(args.endpoint, flags.lab)
    const lab = end === null ? selectLab(flags.lab) : end.lab
    const directions = end === null ? impairedDirections(lab) : directionsOf(end)
    const options = {
      ...VERIFY_DEFAULTS,
      durationMs: flags.duration === undefined ? VERIFY_DEFAULTS.durationMs : Number(flags.duration) * 1000,
      toleranceMs: flags.tolerance === undefined ? VERIFY_DEFAULTS.toleranceMs : Number(flags.tolerance),
      probes: flags.probes ?? VERIFY_DEFAULTS.probes,
    }
    if (directions.length === 0) this.note(`no link of lab ${lab.name} impairs frames`)
    const takesMs = verificationMs(directions, options)
    if (takesMs > LONG_MS) this.note(`this takes about ${duration(takesMs)}`)
    const checks = await interruptible((signal) => verifyLinks(lab, directions, { ...options, signal }))
    if (directions.length > 0) this.log(checksText(checks, this.columns))
    const differs = checks.directions.some(({ tests }) => tests.some(({ verdict }) => verdict === 'differs'))
    if (differs) process.exitCode = new LabError('NEGATIVE', 'a link does not do what is configured').exitCode
    return checks
  }
}

function seconds(text: string): Promise<string> {
  if (NUMBER.test(text) && Number(text) > 0 && Number(text) <= 3600) return Promise.resolve(text)
  return Promise.reject(new LabError('USAGE', `${text} is not a number of seconds above 0, up to 3600`))
}

function milliseconds(text: string): Promise<string> {
  if (NUMBER.test(text) && Number(text) <= 1000) return Promise.resolve(text)
  return Promise.reject(new LabError('USAGE', `${text} is not a number of milliseconds from 0 to 1000`))
}
