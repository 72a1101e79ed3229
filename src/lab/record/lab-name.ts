// The names that labs can have, which are also names of directories.
export const LAB_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
