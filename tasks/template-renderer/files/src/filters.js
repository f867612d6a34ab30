/** Filters by name: value and parameter to text. */
export const FILTERS = {
  upper: (value) => String(value).toUpperCase(),
  trim: (value) => String(value).trim(),
  pad: (value, width) => String(value).padStart(Number(width)),
  truncate: (value, length) => {
    const text = String(value)
    return text.length > Number(length) ? `${text.slice(0, Number(length))}…` : text
  },
  fixed: (value, digits = 2) => Number(value).toFixed(Number(digits)),
}
