const CODES = {
  TENOFF: (subtotal) => Math.round(subtotal * 0.1),
  FIVE: () => 500,
}

/** What a code takes off, never more than there is to pay; 0 for an unknown code. */
export function discountOf(code, subtotal) {
  if (code === undefined || !Object.hasOwn(CODES, code)) return 0
  return Math.min(subtotal, CODES[code](subtotal))
}
