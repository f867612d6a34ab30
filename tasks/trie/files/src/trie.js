const newNode = () => ({ children: new Map(), isWord: true, count: 0 })

/** A set of words that can be searched by their beginning. */
export class Trie {
  #root = { ...newNode(), isWord: false }

  add(word) {
    if (word === '' || this.has(word)) return
    let node = this.#root
    for (const letter of word) {
      if (!node.children.has(letter)) node.children.set(letter, newNode())
      node = node.children.get(letter)
      node.count++
    }
    node.isWord = true
  }

  has(word) {
    return this.#find(word)?.isWord ?? false
  }

  /** How many words begin so. */
  countOf(prefix) {
    return this.#find(prefix)?.count ?? 0
  }

  /** Words that begin so, in alphabetical order. */
  suggest(prefix, most = 10) {
    const words = []
    const visit = (node, word) => {
      if (words.length >= most) return
      if (node.isWord) words.push(word)
      for (const letter of [...node.children.keys()].sort()) visit(node.children.get(letter), word + letter)
    }
    const start = this.#find(prefix)
    if (start !== undefined) visit(start, prefix)
    return words
  }

  #find(prefix) {
    let node = this.#root
    for (const letter of prefix) {
      node = node.children.get(letter)
      if (node === undefined) return undefined
    }
    return node
  }
}
