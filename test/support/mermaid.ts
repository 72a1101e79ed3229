// Reads a flowchart with Mermaid's own parser, as its flowDb.ts does.
import parser from '../fixtures/mermaid/flow-parser.mjs'

interface Text {
  text: string
}

export interface Flowchart {
  /** Texts by id of node. */
  nodes: Map<string, string>
  edges: { from: string; to: string; text: string }[]
  groups: { title: string; nodes: string[] }[]
}

/** @throws Error for a text that Mermaid refuses */
export function readFlowchart(source: string): Flowchart {
  const chart: Flowchart = { nodes: new Map(), edges: [], groups: [] }
  parser.yy = {
    lex: { firstGraph: () => true },
    setDirection: () => {},
    addClass: () => {},
    setClass: () => {},
    updateLink: () => {},
    destructLink: (text: string) => ({
      type: 'arrow_open',
      stroke: text.includes('.') ? 'dotted' : 'normal',
      length: 1,
    }),
    addVertex: (id: string, text?: Text) => {
      if (text) chart.nodes.set(id, decoded(text.text))
      else if (!chart.nodes.has(id)) chart.nodes.set(id, id)
    },
    addLink: ([from = '']: string[], [to = '']: string[], { text }: { text?: Text }) =>
      void chart.edges.push({ from, to, text: decoded(text?.text ?? '') }),
    addSubGraph: (_id: Text, list: unknown[], title: Text) => {
      chart.groups.push({ title: decoded(title.text), nodes: list.flat().filter((each) => typeof each === 'string') })
      return title.text
    },
  }
  parser.parse(encoded(source))
  return chart
}

/** As encodeEntities of Mermaid's utils.ts, which runs before the parser. */
const encoded = (text: string): string =>
  text
    .replace(/style.*:\S*#.*;/g, (found) => found.slice(0, -1))
    .replace(/classDef.*:\S*#.*;/g, (found) => found.slice(0, -1))
    .replace(/#\w+;/g, (found) => {
      const inner = found.slice(1, -1)
      return /^\+?\d+$/.test(inner) ? `ﬂ°°${inner}¶ß` : `ﬂ°${inner}¶ß`
    })

/** What a browser shows: entities as characters, `<br/>` as a new line. */
const decoded = (text: string): string =>
  text
    .replace(/^"|"$/g, '')
    .replace(/<br\/>/g, '\n')
    .replace(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code)))
