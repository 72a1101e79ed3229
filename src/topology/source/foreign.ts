// Recognises files of other tools, so that a file that is no topology of nslab is not explained fault by fault.

interface Tool {
  /** What the file is, with an article. */
  name: string
  /** All of them match the text of such a file. */
  signs: readonly RegExp[]
}

const TOOLS: readonly Tool[] = [
  { name: 'a containerlab topology', signs: [/^topology:/m, /(?:^[ \t]+|[{,][ \t]*)(?:nodes|links|kinds|defaults):/m] },
  { name: 'a docker compose file', signs: [/^services:/m, /(?:^[ \t]+|[{,][ \t]*)(?:image|build):/m] },
  { name: 'a netlab topology', signs: [/^(?:nodes|links):/m, /^(?:module|provider|defaults\.[\w.]+|plugin):/m] },
  { name: 'a Vagrantfile', signs: [/\bVagrant\.configure\b/] },
  { name: 'a GNS3 project', signs: [/^\s*\{/, /"(?:project_id|resources_type)"\s*:/, /"topology"\s*:/] },
  { name: 'a MiniEdit network of Mininet', signs: [/^\s*\{/, /"hosts"\s*:/, /"switches"\s*:/] },
  { name: 'a Mininet script', signs: [/^[ \t]*(?:from|import) mininet\b/m] },
  { name: 'a Kathará lab.conf', signs: [/^[\w-]+\[(?:[0-9]+|image|mem|bridged)\]\s*=/m] },
  { name: 'an EVE-NG lab', signs: [/<lab\b/, /<topology\b/] },
  { name: 'a CORE scenario', signs: [/<scenario\b/, /<networks\b/] },
  { name: 'a GraphML file', signs: [/<graphml\b/] },
  { name: 'a Graphviz file', signs: [/^[ \t]*(?:strict[ \t]+)?(?:di)?graph\b[^\n:]*\{/m] },
  { name: 'a Kubernetes manifest', signs: [/^apiVersion:/m, /^kind:/m] },
  { name: 'a netplan file', signs: [/^network:/m, /(?:^[ \t]+|[{,][ \t]*)(?:ethernets|wifis|renderer):/m] },
  { name: 'a Terraform file', signs: [/^(?:resource|provider|terraform)\b[^\n:]*\{/m] },
  { name: 'a shell script', signs: [/^#!.*\b(?:ba|da|z)?sh\b/] },
]

/** What a file is, such as `a containerlab topology`; null when it looks like no other tool's. */
export const foreignKind = (text: string): string | null =>
  TOOLS.find(({ signs }) => signs.every((sign) => sign.test(text)))?.name ?? null
