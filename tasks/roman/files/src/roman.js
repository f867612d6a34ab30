const DIGITS = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
];

const VALUES = new Map(DIGITS.filter(([, digit]) => digit.length === 1).map(([value, digit]) => [digit, value]));

/** @throws RangeError unless the number is from 1 to 3999. */
export function toRoman(number) {
  if (!Number.isInteger(number) || number < 1 || number > 3999) throw new RangeError('expected a number from 1 to 3999');
  let rest = number;
  let text = '';
  for (const [value, digit] of DIGITS) {
    while (rest >= value) {
      text += digit;
      rest -= value;
    }
  }
  return text;
}

/** A digit before a greater one is taken away. @throws SyntaxError for a letter that is no digit. */
export function fromRoman(text) {
  let total = 0;
  let next = 0;
  for (const letter of [...text.toUpperCase()].reverse()) {
    const value = VALUES.get(letter);
    if (value === undefined) throw new SyntaxError(`${letter} is no Roman digit`);
    total += value <= next ? -value : value;
    next = value;
  }
  return total;
}

/** Whether the text is the usual way to write its number. */
export function isRoman(text) {
  try {
    return text !== '' && toRoman(fromRoman(text)) === text;
  } catch {
    return false;
  }
}
