// How an interface of a lab is called in maps over all interfaces.

/** `NODE:INTERFACE`. No node name has a colon, so the first colon ends the node's name. */
export const interfaceKey = (node: string, name: string): string => `${node}:${name}`
