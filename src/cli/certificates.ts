// Node.js 20 parses the certificates of the file that NODE_EXTRA_CA_CERTS names at each start: with a system's whole list,
// that takes 40 ms. nslab itself needs no certificates, so a program that runs again does not get the variable at its start:
// 40 of 230 ms of `inspect`, and of 260 ms of `up` of two hosts. Commands in nodes may need it and find it as it was.

const NAME = 'NODE_EXTRA_CA_CERTS'
const CARRIED = 'NSLAB_NODE_EXTRA_CA_CERTS'

/** A copy of an environment that carries the variable under another name. */
export function withoutCertificates({ [NAME]: file, ...others }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return file === undefined ? others : { ...others, [CARRIED]: file }
}

/** Gives the variable its own name again. */
export function restoreCertificates(environment: NodeJS.ProcessEnv): void {
  const { [CARRIED]: file } = environment
  if (file === undefined) return
  delete environment[CARRIED]
  environment[NAME] ??= file
}
