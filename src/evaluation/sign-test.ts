/**
 * Two-sided exact sign test: how likely `better` against `worse` or a more uneven split is when either way is as likely as the other.
 * McNemar's exact test is this on the pairs that differ.
 *
 * @returns p in (0, 1]; 1 when nothing moved.
 */
export function signTest(better: number, worse: number): number {
  const moved = better + worse
  const fewer = Math.min(better, worse)
  // P(X = 0) underflows beyond a thousand pairs, so that terms are kept as logarithms.
  let lnTerm = -moved * Math.LN2
  let tail = Math.exp(lnTerm)
  for (let k = 1; k <= fewer; k++) {
    lnTerm += Math.log((moved - k + 1) / k)
    tail += Math.exp(lnTerm)
  }
  return Math.min(1, 2 * tail)
}
