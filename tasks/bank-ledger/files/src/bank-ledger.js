/** Accounts and what was booked on them; amounts are whole cents. */
export class Ledger {
  #accounts = new Map()
  #entries = []

  open(name, { overdraft = 0 } = {}) {
    if (this.#accounts.has(name)) throw new Error(`there is an account ${name} already`)
    this.#accounts.set(name, { balance: 0, overdraft })
  }

  balance(name) {
    return this.#account(name).balance
  }

  deposit(name, amount) {
    this.#check(amount)
    this.#account(name).balance += amount
    this.#entries.push({ kind: 'deposit', to: name, amount })
  }

  withdraw(name, amount) {
    this.#check(amount)
    const account = this.#account(name)
    if (account.balance - account.overdraft < amount) throw new RangeError('not enough money')
    account.balance -= amount
    this.#entries.push({ kind: 'withdrawal', from: name, amount })
  }

  transfer(from, to, amount) {
    this.#account(to)
    this.withdraw(from, amount)
    this.deposit(to, amount)
  }

  /** What was booked on an account, oldest first. */
  entries(name) {
    return this.#entries.filter(({ from, to }) => from === name || to === name)
  }

  #account(name) {
    const account = this.#accounts.get(name)
    if (account === undefined) throw new Error(`there is no account ${name}`)
    return account
  }

  #check(amount) {
    if (!Number.isInteger(amount) || amount <= 0) throw new RangeError('an amount is a whole number above 0')
  }
}
