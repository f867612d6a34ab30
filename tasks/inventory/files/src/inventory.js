/** What is on the shelf, and how much of it is promised to orders. */
export class Inventory {
  #items = new Map();

  receive(sku, quantity) {
    const item = this.#items.get(sku) ?? { onHand: 0, reserved: 0 };
    item.onHand += quantity;
    this.#items.set(sku, item);
  }

  onHand(sku) {
    return this.#items.get(sku)?.onHand ?? 0;
  }

  /** What may still be promised. */
  available(sku) {
    const item = this.#items.get(sku);
    return item === undefined ? 0 : item.onHand - item.reserved;
  }

  /** Promises stock to an order. Returns whether there was enough. */
  reserve(sku, quantity) {
    if (this.available(sku) < quantity) return false;
    this.#items.get(sku).reserved += quantity;
    return true;
  }

  /** Takes a promise back. */
  release(sku, quantity) {
    const item = this.#reserved(sku, quantity);
    item.onHand -= quantity;
  }

  /** Promised stock leaves the shelf. */
  ship(sku, quantity) {
    const item = this.#reserved(sku, quantity);
    item.reserved -= quantity;
    item.onHand -= quantity;
  }

  /** Items of which less than `least` is available, by name. */
  low(least) {
    return [...this.#items.keys()].filter((sku) => this.available(sku) < least).sort();
  }

  #reserved(sku, quantity) {
    const item = this.#items.get(sku);
    if (item === undefined || item.reserved < quantity) throw new RangeError(`${quantity} ${sku} are not reserved`);
    return item;
  }
}
