/** Hands out values with the lowest priority number first (a binary heap). */
export class PriorityQueue {
  #heap = [];

  get size() {
    return this.#heap.length;
  }

  peek() {
    return this.#heap[0]?.value;
  }

  add(value, priority) {
    this.#heap.push({ value, priority });
    this.#rise(this.#heap.length - 1);
  }

  take() {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first?.value;
  }

  #rise(start) {
    let index = start;
    while (index > 1) {
      const parent = Math.floor((index - 1) / 2);
      if (this.#heap[parent].priority <= this.#heap[index].priority) return;
      this.#swap(parent, index);
      index = parent;
    }
  }

  #sink(start) {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let least = index;
      if (left < this.#heap.length && this.#heap[left].priority < this.#heap[least].priority) least = left;
      if (right < this.#heap.length && this.#heap[right].priority < this.#heap[least].priority) least = right;
      if (least === index) return;
      this.#swap(least, index);
      index = least;
    }
  }

  #swap(one, other) {
    const kept = this.#heap[one];
    this.#heap[one] = this.#heap[other];
    this.#heap[other] = kept;
  }
}
