import { delayBefore } from './back-off.js'

/**
 * Calls `operation` until it succeeds, at most `attempts` times.
 * @param {(attempt: number) => unknown} operation may be async
 * @param {{ attempts?: number, sleep: (ms: number) => Promise<void>, isFinal?: (error: Error) => boolean }} options
 *   `isFinal`: errors that no further attempt can help
 */
export async function retry(operation, { attempts = 3, sleep, isFinal = () => false, ...timing }) {
  for (let attempt = 1; ; attempt++) {
    try {
      return operation(attempt)
    } catch (error) {
      if (attempt >= attempts || isFinal(error)) throw error
      await sleep(delayBefore(attempt + 1, timing))
    }
  }
}
