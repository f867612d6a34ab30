const digitsOf = (text) => [...text.replace(/[\s-]/g, '')].map(Number);

/** Sum of the digits where every second one, from the right, counts double (13 as 1 + 3). */
function weightedSum(digits, startsDoubled) {
  let sum = 0;
  let isDoubled = startsDoubled;
  for (let at = digits.length - 1; at >= 0; at--) {
    let value = digits[at];
    if (isDoubled) {
      value *= 2;
      if (value > 9) value -= 10;
    }
    sum += value;
    isDoubled = !isDoubled;
  }
  return sum;
}

/** Whether the last digit fits the others. */
export function isValid(number) {
  if (!/^[\d\s-]+$/.test(number)) return false;
  const digits = digitsOf(number);
  return digits.length >= 2 && weightedSum(digits, false) % 10 === 0;
}

/** The digit to put behind a number. */
export function checkDigit(number) {
  return (10 - (weightedSum(digitsOf(number), true) % 10)) % 10;
}

/** All but the last four digits as dots, in groups of four. */
export function masked(number) {
  const digits = digitsOf(number).join('');
  const hidden = '•'.repeat(Math.max(0, digits.length - 4)) + digits.slice(-4);
  return hidden.replace(/(.{4})(?=.)/g, '$1 ');
}
