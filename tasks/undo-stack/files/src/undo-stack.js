/** A value with its history. */
export class UndoStack {
  #past = [];
  #future = [];
  #value;
  #limit;

  constructor(value, limit = 100) {
    this.#value = value;
    this.#limit = limit;
  }

  get value() {
    return this.#value;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Runs a command `{ apply(value), revert(value) }`. */
  run(command) {
    this.#value = command.apply(this.#value);
    this.#past.push(command);
    if (this.#past.length > this.#limit) this.#past.shift();
  }

  /** Returns whether there was something to undo. */
  undo() {
    const command = this.#past.pop();
    if (command === undefined) return false;
    this.#value = command.revert(this.#value);
    this.#future.push(command);
    return true;
  }

  redo() {
    const command = this.#future.pop();
    if (command === undefined) return false;
    this.#value = command.apply(this.#value);
    this.#past.push(command);
    return true;
  }
}

/** The command that adds text at the end. */
export function typing(text) {
  return {
    apply: (value) => value + text,
    revert: (value) => value.slice(0, value.length - text.length),
  };
}
