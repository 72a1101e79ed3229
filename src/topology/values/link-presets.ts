// Presets of links, each with the figures of a published source. Their names begin with it.
import { excerpt } from './excerpt.js'
import { suggestion } from './suggest.js'

/** Round-trip times are halved, so that both ways together take as long. */
export interface LinkPreset {
  /** One way, as in the topology language. */
  delay?: string
  jitter?: string
  loss?: string
  /** What the first end, the user's, sends at, and what it is sent at. Absent: no limit. */
  rate?: { up: string; down: string }
  /** Of `SOURCES`. */
  source: keyof typeof SOURCES
}

/** Where the figures are published. */
export const SOURCES = {
  webpagetest: 'WebPageTest, www/settings/connectivity.ini.sample; half of the round-trip time each way',
  sitespeed: 'sitespeed.io, README of throttle; half of the round-trip time each way',
  firefox: 'Firefox, throttling in the developer tools; half of the minimum latency each way',
  patchbay: 'patchbay, its own choice; one way',
  arithmetic: 'twice the 35,786 km up to the orbit, at the speed of light',
} as const

const link = (source: LinkPreset['source'], delay: string, up: string, down: string): LinkPreset => ({
  delay,
  rate: { up, down },
  source,
})

const patchbay = (delay: string, jitter: string, loss: string, rate?: string): LinkPreset => ({
  delay,
  jitter,
  loss,
  ...(rate === undefined ? {} : { rate: { up: rate, down: rate } }),
  source: 'patchbay',
})

/** By name. */
export const LINK_PRESETS: Readonly<Record<string, LinkPreset>> = {
  'webpagetest-cable': link('webpagetest', '14ms', '1mbit', '5mbit'),
  'webpagetest-dsl': link('webpagetest', '25ms', '384kbit', '1.5mbit'),
  'webpagetest-fios': link('webpagetest', '2ms', '5mbit', '20mbit'),
  'webpagetest-dial': link('webpagetest', '60ms', '30kbit', '49kbit'),
  'webpagetest-3g': link('webpagetest', '150ms', '768kbit', '1.6mbit'),
  'webpagetest-3gfast': link('webpagetest', '75ms', '768kbit', '1.6mbit'),
  'webpagetest-3gslow': link('webpagetest', '100ms', '330kbit', '780kbit'),
  'webpagetest-edge': link('webpagetest', '420ms', '200kbit', '240kbit'),
  'webpagetest-2g': link('webpagetest', '650ms', '32kbit', '35kbit'),
  'sitespeed-lte': link('sitespeed', '17.5ms', '12mbit', '12mbit'),
  'sitespeed-4g': link('sitespeed', '42.5ms', '9mbit', '9mbit'),
  'firefox-gprs': link('firefox', '250ms', '20kbit', '50kbit'),
  'firefox-2g': link('firefox', '150ms', '50kbit', '250kbit'),
  'firefox-3g': link('firefox', '50ms', '250kbit', '750kbit'),
  'firefox-good3g': link('firefox', '20ms', '750kbit', '1.5mbit'),
  'firefox-4g': link('firefox', '10ms', '3mbit', '4mbit'),
  'firefox-dsl': link('firefox', '2.5ms', '1mbit', '2mbit'),
  'firefox-wifi': link('firefox', '1ms', '15mbit', '30mbit'),
  'patchbay-wifi': patchbay('5ms', '2ms', '0.1%'),
  'patchbay-wifi-bad': patchbay('40ms', '15ms', '2%', '20mbit'),
  'patchbay-4g': patchbay('25ms', '8ms', '0.5%'),
  'patchbay-3g': patchbay('100ms', '30ms', '2%', '2mbit'),
  'patchbay-satellite': patchbay('40ms', '7ms', '1%'),
  'patchbay-satellite-geo': patchbay('300ms', '20ms', '0.5%', '25mbit'),
  geostationary: { delay: '239ms', source: 'arithmetic' },
}

export const PRESET_NAMES = Object.keys(LINK_PRESETS)

/** The fault of a name; null for none. People leave out the source. */
export function presetFault(name: string): string | null {
  if (PRESET_NAMES.includes(name)) return null
  const sameLink = PRESET_NAMES.filter((each) => each.split('-').includes(name))
  const help = sameLink.length > 0 ? `; there are ${sameLink.join(', ')}` : suggestion(name, PRESET_NAMES)
  return `there is no preset ${excerpt(name)}${help || `; there are ${PRESET_NAMES.join(', ')}`}`
}
