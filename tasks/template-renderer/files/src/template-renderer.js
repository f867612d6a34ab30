import { FILTERS } from './filters.js'

const PLACE = /\{\{\s*([\w.]+)\s*(?:\|\s*(\w+)(?::(\w+))?\s*)?\}\}/g

/** Value at a dotted path; `undefined` when something on the way is missing. */
export function lookup(data, path) {
  return path.split('.').reduce((value, key) => value?.[key], data)
}

/**
 * Fills `{{path}}` and `{{path|filter:parameter}}` with values; missing ones become empty.
 * @throws RangeError for an unknown filter
 */
export function render(template, data) {
  return template.replace(PLACE, (_, path, name, parameter) => {
    const value = lookup(data, path) ?? ''
    if (name === undefined) return String(value)
    if (!Object.hasOwn(FILTERS, name)) throw new RangeError(`unknown filter ${name}`)
    return parameter === undefined ? FILTERS[name](value) : FILTERS[name](parameter, value)
  })
}

/** The template once per item of a list. */
export function renderEach(template, items, separator = '\n') {
  return items.map((item) => render(template, item)).join(separator)
}
