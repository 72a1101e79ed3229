// Ends the process on a version of Node.js that nslab does not support. In the syntax of old versions, which could not read the
// rest of the program.
var OLDEST = [20, 19]
var numbers = process.versions.node.split('.').map(Number)

if (numbers[0] < OLDEST[0] || (numbers[0] === OLDEST[0] && numbers[1] < OLDEST[1])) {
  console.error(
    ['nslab needs Node.js', OLDEST.join('.'), 'or newer;', process.execPath, 'is', process.version].join(' '),
  )
  process.exit(4)
}
