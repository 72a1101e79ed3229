import { LabCommand } from '../cli/command.js'
import { topologyFlags } from '../cli/flags.js'
import { Flags } from '../cli/oclif.js'
import { writeOutput } from '../cli/output.js'
import { checkOutput, formatOfOutput } from '../cli/source/picture-output.js'
import { pictureSource, saveLayout } from '../cli/source/picture-source.js'
import { sourceArgument } from '../cli/source/view.js'
import { hasUtf8 } from '../cli/terminal.js'
import { LabError } from '../errors.js'
import {
  PICTURE_FORMATS,
  PICTURE_LABELS,
  PICTURE_LAYERS,
  PICTURE_THEMES,
  type PictureOptions,
} from '../model/picture/options.js'

/** For a pipe, as in man(1). */
const PIPE_COLUMNS = 80

export default class Graph extends LabCommand {
  static readonly network = 'lab'
  static readonly labArgument = 'source'
  static override summary = 'Draw a running lab or a topology file.'
  static override description =
    'On a terminal, the picture is made of characters, up to 30 nodes; to a file or a pipe, it is an svg, unless --format or the ending of the name of the file says another. The same lab is drawn the same way each time.'
  static override examples = [
    '<%= config.bin %> graph',
    '<%= config.bin %> graph topologies/leaf-spine.yaml -o leaf-spine.svg',
    '<%= config.bin %> graph two-routers --format ascii --labels names',
    '<%= config.bin %> graph topologies/sites.yaml --group site --format mermaid',
  ]
  static override args = { source: sourceArgument }
  static override flags = {
    format: Flags.option({ options: PICTURE_FORMATS, description: 'format of the picture' })(),
    output: Flags.string({ char: 'o', description: 'file to write; standard output by default' }),
    labels: Flags.option({
      options: PICTURE_LABELS,
      description: 'what is written at the ends of lines; by default all up to 30 nodes, names up to 150, none above',
    })(),
    layer: Flags.option({
      options: PICTURE_LAYERS,
      default: 'all' as const,
      description: 'links (underlay), tunnels (overlay), or both',
    })(),
    group: Flags.string({ description: 'label by whose value nodes are put into groups', helpValue: 'LABEL' }),
    theme: Flags.option({
      options: PICTURE_THEMES,
      default: 'auto' as const,
      description: 'colours; auto follows the setting of the reader of an svg or a page',
    })(),
    full: Flags.boolean({ description: 'draw every node of more than 1,500, rather than groups with counts' }),
    plain: Flags.boolean({ description: 'keep ascii to characters of ASCII, as where the locale is not UTF-8' }),
    'save-layout': Flags.boolean({
      description: 'write the places of all nodes to FILE.layout.json, where they are kept from then on',
    }),
    ...topologyFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags, metadata } = await this.parse(Graph)
    const { output, format: wanted, group, labels, layer, theme, full } = flags
    if (this.jsonEnabled() && wanted !== undefined) throw new LabError('USAGE', `--json is not --format ${wanted}`)
    checkOutput(output, null)
    const format = wanted ?? (this.jsonEnabled() ? undefined : formatOfOutput(output))
    const source = await pictureSource(args.source, flags)
    const { view, positions, warnings } = source
    checkOutput(output, source.file)
    for (const warning of warnings) this.notice(warning)
    const options: Partial<PictureOptions> = {
      ...(labels === undefined ? {} : { labels }),
      ...{ layer, theme, full, groupBy: group ?? null, positions },
      columns: Number.isFinite(this.columns) ? this.columns : PIPE_COLUMNS,
      plain: flags.plain || !hasUtf8(),
    }
    const { drawLab, sheetOfLab, sheetToKeep } = await import('../picture/draw.js')
    if (flags['save-layout']) {
      options.positions = saveLayout(source, sheetToKeep(view, options))
    }
    if (format === undefined) {
      const drawn = sheetOfLab(view, options)
      const sheet = { ...drawn, warnings: [...warnings, ...drawn.warnings] }
      if (output === undefined) return sheet
      writeOutput(`${JSON.stringify(sheet, null, 2)}\n`, output)
      // oclif prints the result on standard output, but it is in the file already.
      this.argv = this.argv.filter((word) => word !== '--json')
      return sheet
    }
    if (flags['save-layout'] && output === undefined && metadata.flags.format === undefined) {
      for (const warning of sheetOfLab(view, options).warnings) this.notice(warning)
      return undefined
    }
    if (format === 'png' && output === undefined && process.stdout.isTTY) {
      throw new LabError('USAGE', 'a terminal does not show png', { hint: '-o FILE writes it to a file' })
    }
    const picture = await drawLab(view, format, options)
    for (const warning of picture.warnings) this.notice(warning)
    writeOutput(picture.content, output)
    return undefined
  }
}
