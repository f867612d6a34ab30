import { listSessions, sessionPath } from '../sessions/place.ts'
import { Session } from '../sessions/session.ts'
import type { CommandContext } from './define.ts'
import { Config } from './user-config.ts'

export interface DoorOptions {
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
  /** `--session`. */
  readonly session?: string
}

/** The context of commands run from a shell: session and settings are opened when a command first asks for them. */
export class Doors implements CommandContext, Disposable {
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
  readonly #named: string | undefined
  #session: Session | undefined
  #config: Config | undefined

  constructor(options: DoorOptions) {
    this.env = options.env
    this.signal = options.signal
    this.progress = options.progress
    this.#named = options.session
  }

  get config(): Config {
    this.#config ??= new Config(this.env)
    return this.#config
  }

  get sessionPath(): string {
    return chosenSession(this.#named, this.config, this.env)
  }

  get sessionNamed(): boolean {
    return this.#named !== undefined || Boolean(this.env['SEALIGN_SESSION'])
  }

  session(options: { readonly create?: boolean } = {}): Session {
    this.#session ??= Session.open(this.sessionPath, options)
    return this.#session
  }

  [Symbol.dispose](): void {
    this.#session?.close()
  }
}

/** The session a command works on: `--session`, `SEALIGN_SESSION`, the one chosen by `session use`, the last one changed, or `default`. */
export function chosenSession(named: string | undefined, config: Config, env: NodeJS.ProcessEnv): string {
  const name = named ?? env['SEALIGN_SESSION'] ?? config.get('session')
  if (name !== undefined && name !== '') return sessionPath(name, env)
  return listSessions(env)[0]?.path ?? sessionPath('default', env)
}
