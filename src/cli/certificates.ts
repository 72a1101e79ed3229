// The certificates that NODE_EXTRA_CA_CERTS names: Node.js reads them before anything else (45 ms of the 75 that `node -e 0`
// took), and nslab talks to nobody. A command that is run again goes without, but what it starts may need them.

const NAME = 'NODE_EXTRA_CA_CERTS'
const CARRIED = 'NSLAB_NODE_EXTRA_CA_CERTS'

/** An environment in which Node.js does not find them, and `restoreCertificates` does. */
export function withoutCertificates({ [NAME]: file, ...others }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return file === undefined ? others : { ...others, [CARRIED]: file }
}

/** Makes an environment what it was. */
export function restoreCertificates(environment: NodeJS.ProcessEnv): void {
  const { [CARRIED]: file } = environment
  if (file === undefined) return
  delete environment[CARRIED]
  environment[NAME] ??= file
}
