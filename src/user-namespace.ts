// The entry `nslab/user-namespace`: a program that imports it first runs as root of a user namespace of its own. It needs no other
// line, and so serves `node --import nslab/user-namespace` and the configuration files of test runners.
import { enterUserNamespace } from './lab/who/outer-namespace.js'

enterUserNamespace()
