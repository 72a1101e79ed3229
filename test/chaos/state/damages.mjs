// What can become of a lab's directory. Each damage is a line for sh(1), so that it can be repeated by hand; $D is the lab's
// directory, $B that of another lab that runs, $O a directory of other files, $U a user who is not the lab's.

/** @typedef {{ name: string, shell: string }} Damage */

/** All that nslab may have in a lab's directory. */
const ENTRIES = ['lock', 'state.json', 'state.json.new', 'private', 'private/hosts', 'shm']

/** What can be done to any of them. */
const WAYS = {
  removed: (path) => `rm -rf ${path}`,
  'made anew': (path) => `cp -a ${path} $D/../copy && rm -rf ${path} && mv $D/../copy ${path}`,
  'a link to a file': (path) => `rm -rf ${path}; ln -s $O/file ${path}`,
  'a link to a directory': (path) => `rm -rf ${path}; ln -s $O/directory ${path}`,
  'a link to nothing': (path) => `rm -rf ${path}; ln -s $O/nothing ${path}`,
  'a directory': (path) => `rm -rf ${path}; mkdir ${path}; echo x > ${path}/inner`,
  'an empty file': (path) => `rm -rf ${path}; : > ${path}`,
  'a fifo': (path) => `rm -rf ${path}; mkfifo ${path}`,
  'a device': (path) => `rm -rf ${path}; mknod ${path} c 1 5`,
  'a hard link to another file': (path) => `rm -rf ${path}; ln $O/file ${path}`,
  'of another owner': (path) => `chown $U:$U ${path}`,
  'of mode 0': (path) => `chmod 0 ${path}`,
  'of mode 0777': (path) => `chmod 0777 ${path}`,
}

/** What can be done to what a file has in it. */
const CONTENTS = {
  corrupted: (path) => `printf '{\\377\\000x' | dd of=${path} conv=notrunc status=none`,
  truncated: (path) => `truncate -s 40 ${path}`,
  'of 3 GB': (path) => `truncate -s 3G ${path}`,
  'of 300 MB of blanks': (path) => `head -c 300000000 /dev/zero | tr '\\0' ' ' >> ${path}`,
}

/** States that are JSON, and not this lab's. */
const STATES = {
  'of version 2': `sed -i 's/"version":1/"version":2/' $D/state.json`,
  'of version 0': `sed -i 's/"version":1/"version":0/' $D/state.json`,
  'of another lab': 'cp $B/state.json $D/state.json',
  'still building': `sed -i 's/"status":"running"/"status":"building"/' $D/state.json`,
  'of another status': `sed -i 's/"status":"running"/"status":"gone"/' $D/state.json`,
  null: 'echo null > $D/state.json',
  'an empty list': 'echo [] > $D/state.json',
  'nothing but a version': `echo '{"version":1}' > $D/state.json`,
  'of another start time': `sed -Ei 's/("keeper":.[^}]*"startTime":)/\\11/' $D/state.json`,
}

/** What a state says of the lab's wire, of emulated links and of links that are down. */
const LINK_FIELDS = {
  'without a wire': fieldAs('wire', null),
  'with a wire that is null': fieldAs('wire', 'null'),
  'with a wire at a text': fieldAs('wire', '{"netnsFd":"7"}'),
  'with a wire at the lock': fieldAs('wire', '{"netnsFd":5}'),
  'with a wire below zero': fieldAs('wire', '{"netnsFd":-1}'),
  'with a wire beyond all numbers': fieldAs('wire', '{"netnsFd":1e300}'),
  'without emulations': fieldAs('emulations', null),
  'with no emulations': fieldAs('emulations', '[]'),
  'with an emulation that is null': fieldAs('emulations', '[null]'),
  'with an emulation of nothing': fieldAs('emulations', '[{}]'),
  'with emulations that are a text': fieldAs('emulations', '"wire"'),
  'with another backend': `sed -i 's/"backend":"wire"/"backend":"netem"/' $D/state.json`,
  'with an unknown backend': `sed -i 's/"backend":"wire"/"backend":"none"/' $D/state.json`,
  'with a delay that is a text': `sed -i 's/"delayNs":[0-9]*/"delayNs":"soon"/' $D/state.json`,
  'with a delay below zero': `sed -i 's/"delayNs":[0-9]*/"delayNs":-1/' $D/state.json`,
  'with nothing that is down': fieldAs('down', '[]'),
  'with a text that is down': fieldAs('down', '"a:eth0"'),
  'with what is down of no node': fieldAs('down', downAs('nobody:eth0', '')),
  'with what is down of no interface': fieldAs('down', downAs('a:eth77', '')),
  'with nothing forgotten': fieldAs('down', downAs('a:eth0', '""')),
  'with a byte forgotten': fieldAs('down', downAs('a:eth0', '"AA=="')),
  'with no base64 forgotten': fieldAs('down', downAs('a:eth0', '"?!"')),
  'with zeros forgotten': fieldAs('down', downAs('a:eth0', `"${'A'.repeat(400)}"`)),
  'with ones forgotten': fieldAs('down', downAs('a:eth0', `"${'/'.repeat(400)}"`)),
  'with much forgotten': fieldAs('down', downAs('a:eth0', '"A".repeat(60000)')),
}

/** A line that gives a state another field, or takes it away. @param {string} name @param {string | null} json */
function fieldAs(name, json) {
  const change = json === null ? `delete s.${name}` : `s.${name} = ${json}`
  return `node -e 'fs = require("fs"); s = JSON.parse(fs.readFileSync(0)); ${change}; process.stdout.write(JSON.stringify(s))' < $D/state.json > $D/../changed; cat $D/../changed > $D/state.json; rm $D/../changed`
}

function downAs(endpoint, entries) {
  return `[{"endpoint":"${endpoint}","nexthops":[${entries}],"routes":[${entries}],"neighbours":[${entries}]}]`
}

const OTHERS = {
  'the lock is that of another lab': 'ln -f $B/lock $D/lock',
  'one file more': 'echo x > $D/extra',
  'one hidden file more': 'echo x > $D/.extra',
  'one directory more': 'mkdir -p $D/extra/inner',
  'one link more': 'ln -s $O/directory $D/extra',
  'its directory is of mode 0': 'chmod 0 $D',
  'its directory is of mode 0777': 'chmod 0777 $D',
  'its directory is of another owner': 'chown $U:$U $D',
  'its directory is empty': 'rm -rf $D/*',
  'its directory is a link to where it is now': 'mv $D $O/moved; ln -s $O/moved $D',
  'its directory is a link to another': 'rm -rf $D; ln -s $O/directory $D',
  'its directory is a file': 'rm -rf $D; echo x > $D',
  'its directory is removed': 'rm -rf $D',
}

const entriesOf = (ways, isOf) =>
  ENTRIES.filter(isOf).flatMap((entry) =>
    Object.entries(ways).map(([how, shell]) => ({ name: `${entry} is ${how}`, shell: shell(`$D/${entry}`) })),
  )

const isFile = (entry) => entry.includes('.') || entry === 'lock' || entry === 'private/hosts'
const named = (table, name) => Object.entries(table).map(([key, shell]) => ({ name: name(key), shell }))

/** @type {readonly Damage[]} */
export const DAMAGES = [
  { name: 'nothing is damaged', shell: ':' },
  ...entriesOf(WAYS, () => true),
  ...entriesOf(CONTENTS, isFile),
  ...named(STATES, (key) => `state.json is ${key}`),
  ...named(LINK_FIELDS, (key) => `state.json is one ${key}`),
  ...named(OTHERS, (key) => key),
]
