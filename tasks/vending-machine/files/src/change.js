const COINS = [200, 100, 50, 20, 10, 5, 2, 1]

/** The fewest coins for an amount, greatest first. */
export function change(amount) {
  const coins = []
  let rest = amount
  for (const coin of COINS) {
    while (rest >= coin) {
      coins.push(coin)
      rest -= coin
    }
  }
  return coins
}
