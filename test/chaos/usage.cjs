// Loaded into a command by NODE_OPTIONS: says, when it ends, what it cost. What is killed says nothing.
const { writeFileSync } = require('node:fs')

const path = process.env.CHAOS_USAGE
if (path) {
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
    writeFileSync(path, JSON.stringify({ rssMb: maxRSS / 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }))
  })
}
