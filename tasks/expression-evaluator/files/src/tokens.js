/** Numbers, names, operators and brackets of a source. */
export function tokens(source) {
  const found = source.match(/\d+(?:\.\d+)?|[a-z]\w*|[-+*/()]|\S/gi)
  return found === null ? [] : [...found]
}
