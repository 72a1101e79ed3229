import { extname } from 'node:path'
import { LabCommand } from '../cli/command.js'
import { topologyFlags } from '../cli/flags.js'
import { Flags } from '../cli/oclif.js'
import { writeOutput } from '../cli/output.js'
import { pictureSource, saveLayout } from '../cli/source/picture-source.js'
import { sourceArgument } from '../cli/source/view.js'
import { hasUtf8 } from '../cli/terminal.js'
import { LabError } from '../errors.js'
import {
  PICTURE_FORMATS,
  PICTURE_LABELS,
  PICTURE_LAYERS,
  PICTURE_THEMES,
  type PictureFormat,
  type PictureOptions,
} from '../model/picture/options.js'

/** By the ending of the name of the file that is written. */
const FORMAT_OF_FILE: Readonly<Record<string, PictureFormat>> = {
  '.svg': 'svg',
  '.png': 'png',
  '.dot': 'dot',
  '.gv': 'dot',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.drawio': 'drawio',
  '.txt': 'ascii',
  '.html': 'html',
}

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
      description: 'write the places of nodes to FILE.layout.json, where they are kept from then on',
    }),
    ...topologyFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags, metadata } = await this.parse(Graph)
    const { output, format: wanted, group, labels, layer, theme, full } = flags
    if (this.jsonEnabled() && wanted !== undefined) throw new LabError('USAGE', `--json is not --format ${wanted}`)
    const { view, positions, warnings, file } = await pictureSource(args.source, flags)
    for (const warning of warnings) this.notice(warning)
    const options: Partial<PictureOptions> = {
      ...(labels === undefined ? {} : { labels }),
      ...{ layer, theme, full, groupBy: group ?? null, positions },
      columns: Number.isFinite(this.columns) ? this.columns : PIPE_COLUMNS,
      plain: flags.plain || !hasUtf8(),
    }
    const { drawLab, sheetOfLab } = await import('../picture/draw.js')
    if (flags['save-layout']) saveLayout(file, view.lab, sheetOfLab(view, { ...options, full: true }))
    if (this.jsonEnabled()) {
      const sheet = sheetOfLab(view, options)
      if (output === undefined) return sheet
      writeOutput(`${JSON.stringify(sheet, null, 2)}\n`, output)
      // oclif prints the result on standard output, but it is in the file already.
      this.argv = this.argv.filter((word) => word !== '--json')
      return sheet
    }
    const format = wanted ?? defaultFormat(output)
    if (flags['save-layout'] && output === undefined && metadata.flags.format === undefined) return undefined
    if (format === 'png' && output === undefined && process.stdout.isTTY) {
      throw new LabError('USAGE', 'a terminal does not show png', { hint: '-o FILE writes it to a file' })
    }
    const picture = await drawLab(view, format, options)
    for (const warning of picture.warnings) this.notice(warning)
    writeOutput(picture.content, output)
    return undefined
  }
}

function defaultFormat(output: string | undefined): PictureFormat {
  if (output === undefined || output === '-') return process.stdout.isTTY ? 'ascii' : 'svg'
  return FORMAT_OF_FILE[extname(output).toLowerCase()] ?? 'svg'
}
