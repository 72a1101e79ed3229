// Reads XML documents with a parser that refuses what is not well-formed.
import { SaxesParser } from 'saxes'

export interface Element {
  name: string
  attributes: Record<string, string>
  children: Element[]
  /** The text directly in it. */
  text: string
}

/** @returns the root element. @throws Error for a document that is not well-formed XML 1.0 */
export function parseXml(document: string): Element {
  const parser = new SaxesParser()
  const root: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('text', (text) => {
    const element = open.at(-1)
    if (element) element.text += text
  })
  parser.on('closetag', () => void open.pop())
  parser.write(document).close()
  return root.children[0] as Element
}

/** An element and all elements in it. */
export const elementsOf = (element: Element): Element[] => [element, ...element.children.flatMap(elementsOf)]

export const named = (element: Element, name: string): Element[] =>
  elementsOf(element).filter((each) => each.name === name)

/** The elements of a class. */
export const ofClass = (element: Element, name: string): Element[] =>
  elementsOf(element).filter(({ attributes }) => attributes.class?.split(' ').includes(name))
