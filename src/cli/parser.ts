// oclif's parser without the rest of oclif, for the program that decides before the command line is loaded.
export { parse } from '@oclif/core/parser'
