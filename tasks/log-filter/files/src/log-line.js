const FORM = /^(\S+) \[(debug|info|warn|error)\] (.*)$/

/** `TIME [LEVEL] MESSAGE`; `undefined` for other lines. */
export function parseLine(line) {
  const match = FORM.exec(line)
  return match === null ? undefined : { time: match[1], level: match[2], message: match[3] }
}
