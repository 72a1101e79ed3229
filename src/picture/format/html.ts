// A picture as one page that needs nothing else: the svg, which can be moved and magnified, and the nodes and links as tables, for
// readers who do not see it.
import type { PictureEdge, PictureGraph, PictureNode } from '../../model/picture/graph.js'

/** @param svg a whole element, with a `viewBox` @returns a whole file, with a line end at its end */
export function html(graph: PictureGraph, svg: string): string {
  const title = escaped(graph.lab)
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>Drag the picture to move it, turn the wheel to magnify it, press 0 to see it whole.</p>
<div id="picture" tabindex="0" role="region" aria-label="Picture of ${title}">
${svg.replace(/^<\?xml[^>]*>\s*/, '').trim()}
</div>
${nodeTable(graph.nodes)}
${table('Links', ['From', 'To', 'Type', 'State', 'Text'], graph.edges.map(edgeRow))}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`
}

/** Titles have a column where a node has one. */
function nodeTable(nodes: readonly PictureNode[]): string {
  const hasTitles = nodes.some((node) => titleOf(node) !== '')
  const rows = nodes.map((node) => [
    node.id,
    ...(hasTitles ? [titleOf(node)] : []),
    node.kind,
    node.status,
    node.lines
      .slice(1)
      .filter((line) => line !== node.id)
      .join(', '),
  ])
  return table('Nodes', ['Node', ...(hasTitles ? ['Title'] : []), 'Kind', 'State', 'Text'], rows)
}

const titleOf = ({ id, kind, lines: [first = ''] }: PictureNode): string =>
  kind === 'summary' || first === id ? '' : first

const edgeRow = ({ ends, type, state, labels }: PictureEdge): string[] => [
  ...ends.map(({ node, interface: name, addresses }) =>
    [name === '' ? node : `${node}:${name}`, ...addresses].join(' '),
  ),
  type,
  state,
  labels.join(', '),
]

function table(caption: string, headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = headings.map((heading) => `<th scope="col">${heading}</th>`).join('')
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
  return `<table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)

const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif }
body { margin: 1rem }
#picture { height: 75vh; overflow: hidden; border: 1px solid GrayText; touch-action: none; cursor: grab }
#picture svg { width: 100%; height: 100% }
table { border-collapse: collapse; margin-top: 1rem }
caption { text-align: left; font-weight: bold }
th, td { text-align: left; padding: 0.1rem 0.8rem 0.1rem 0; border-bottom: 1px solid GrayText }
@media print { #picture { height: auto; border: 0 } p { display: none } }
`

/** The view box of the svg is what is seen of it. */
const SCRIPT = `
const picture = document.getElementById('picture')
const svg = picture.querySelector('svg')
const box = svg.viewBox.baseVal
const whole = { x: box.x, y: box.y, width: box.width, height: box.height }
const show = ({ x, y, width, height }) => svg.setAttribute('viewBox', [x, y, width, height].join(' '))
const scale = () => { const { a } = svg.getScreenCTM(); return 1 / a }
const zoom = (factor, clientX, clientY) => {
  const at = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse())
  const width = Math.min(Math.max(box.width * factor, whole.width / 50), whole.width * 4)
  const by = width / box.width
  show({ x: at.x - (at.x - box.x) * by, y: at.y - (at.y - box.y) * by, width, height: box.height * by })
}
const centre = () => { const r = picture.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] }
picture.addEventListener('wheel', (event) => {
  event.preventDefault()
  zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, event.clientX, event.clientY)
}, { passive: false })
picture.addEventListener('pointerdown', (event) => picture.setPointerCapture(event.pointerId))
picture.addEventListener('pointermove', (event) => {
  if (!picture.hasPointerCapture(event.pointerId)) return
  const by = scale()
  show({ x: box.x - event.movementX * by, y: box.y - event.movementY * by, width: box.width, height: box.height })
})
picture.addEventListener('keydown', ({ key }) => {
  const step = box.width / 10
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }
  if (key === '0') show(whole)
  else if (key === '+' || key === '=') zoom(1 / 1.2, ...centre())
  else if (key === '-') zoom(1.2, ...centre())
  else if (moves[key]) show({ x: box.x + moves[key][0], y: box.y + moves[key][1], width: box.width, height: box.height })
})
`
