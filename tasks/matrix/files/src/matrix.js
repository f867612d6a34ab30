/** Matrices are lists of rows of equal length. */

export function identity(size) {
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (__, column) => (row === column ? 1 : 0)))
}

export function transpose(matrix) {
  return matrix[0].map((_, column) => matrix.map((row) => row[column]))
}

/** Each number plus the one at the same place. */
export function add(left, right) {
  return left.map((row, at) => row.map((number, column) => number + right[at][column]))
}

/** @throws RangeError unless `left` has as many columns as `right` has rows. */
export function multiply(left, right) {
  if (left[0].length !== right.length) throw new RangeError('the sizes do not fit')
  const product = []
  for (let row = 0; row < left.length; row++) {
    product.push([])
    for (let column = 0; column < right[0].length; column++) {
      let sum = 0
      for (let at = 0; at < right.length; at++) sum += left[row][at] * right[column][at]
      product[row].push(sum)
    }
  }
  return product
}

export function power(matrix, exponent) {
  let result = identity(matrix.length)
  for (let count = 0; count < exponent; count++) result = multiply(result, matrix)
  return result
}
