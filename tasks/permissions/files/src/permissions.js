/** Roles and who has them. Permissions are dotted names; `post.*` means all that begin so. */
export class Permissions {
  #roles = new Map()
  #users = new Map()

  role(name, { allow = [], deny = [] } = {}) {
    this.#roles.set(name, { allow, deny })
    return this
  }

  assign(user, ...roles) {
    const unknown = roles.find((name) => !this.#roles.has(name))
    if (unknown !== undefined) throw new RangeError(`unknown role ${unknown}`)
    this.#users.set(user, [...(this.#users.get(user) ?? []), ...roles])
    return this
  }

  /** A denial by any role wins; what nobody mentions is not allowed. */
  can(user, permission) {
    let isAllowed = false
    for (const name of this.#users.get(user) ?? []) {
      const { allow, deny } = this.#roles.get(name)
      if (deny.some((pattern) => covers(pattern, permission))) return false
      if (allow.some((pattern) => covers(pattern, permission))) return true
    }
    return isAllowed
  }

  /** Users that may do something, in the order they were assigned. */
  usersWho(permission) {
    return [...this.#users.keys()].filter((user) => this.can(user, permission))
  }
}

export function covers(pattern, permission) {
  if (pattern === '*' || pattern === permission) return true
  return pattern.endsWith('.*') && permission.startsWith(pattern.slice(0, -1))
}
