/** Compiles the programs of the jail and the injector into a new directory, which the caller removes. */
export function makeTools(): string
