import { chmodSync, existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import Conf from 'conf'
import { z } from 'zod'
import { SealignError } from '../src/domain/errors.ts'

/** Settings of this user on this machine. Everything about an investigation lives in its session, not here. */
export const UserSettings = z.object({
  reviewer: z
    .string()
    .min(1)
    .max(80)
    .optional()
    .describe('name written beside your reviews (default: your login name)'),
  session: z.string().min(1).optional().describe('session opened when none is named (set by `session use`)'),
  baseUrl: z.url().optional().describe('OpenAI-compatible server that rollouts ask when none is named'),
  model: z.string().min(1).optional().describe('model that rollouts ask for when none is named'),
  apiKey: z
    .string()
    .min(1)
    .optional()
    .describe('key of that server; never shown, never stored in a session (a variable is better: OPENAI_API_KEY)'),
  python: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Python that runs the torch trainer, with torch, transformers and peft (default: the one setup:trainer made)',
    ),
  redactVariables: z
    .array(z.string())
    .optional()
    .describe('environment variables whose values are removed from exports'),
})
export type UserSettings = z.infer<typeof UserSettings>
export type UserSettingName = keyof UserSettings

/** The settings file, readable by its owner only. */
export class Config {
  readonly #conf: Conf<UserSettings>
  readonly #env: NodeJS.ProcessEnv

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#env = env
    const cwd =
      env['SEALIGN_CONFIG_DIR'] ?? (env['XDG_CONFIG_HOME'] ? join(env['XDG_CONFIG_HOME'], 'sealign') : undefined)
    try {
      this.#conf = new Conf<UserSettings>({
        projectName: 'sealign',
        projectSuffix: '',
        configFileMode: 0o600,
        ...(cwd !== undefined && { cwd }),
      })
      UserSettings.parse(this.#conf.store)
    } catch (error) {
      throw configError(error, cwd)
    }
  }

  get path(): string {
    return this.#conf.path
  }

  all(): UserSettings {
    return this.#conf.store
  }

  get<Name extends UserSettingName>(name: Name): UserSettings[Name] {
    return this.#conf.get(name)
  }

  set(name: UserSettingName, value: unknown): void {
    const field = UserSettings.shape[name]
    const parsed = field.safeParse(value)
    if (!parsed.success)
      throw new SealignError('usage', `config ${name}: ${parsed.error.issues[0]?.message ?? 'not valid'}`)
    try {
      if (parsed.data === undefined) this.#conf.delete(name)
      else this.#conf.set(name, parsed.data)
      if (existsSync(this.path)) chmodSync(this.path, 0o600)
    } catch (error) {
      throw new SealignError(
        'config',
        `settings file ${this.path} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
        { cause: error },
      )
    }
  }

  /** Who reviews: the setting, `SEALIGN_REVIEWER`, or the login name. */
  get reviewer(): string {
    return this.#env['SEALIGN_REVIEWER'] ?? this.get('reviewer') ?? loginName(this.#env)
  }
}

function loginName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username
  } catch {
    return env['USER'] ?? 'unknown'
  }
}

function configError(error: unknown, folder: string | undefined): SealignError {
  const where = folder === undefined ? 'settings file' : `settings file ${join(folder, 'config.json')}`
  if (error instanceof z.ZodError) {
    const issue = error.issues[0]
    return new SealignError('config', `${where}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}`, {
      hint: 'Mend or delete the file.',
      cause: error,
    })
  }
  return new SealignError(
    'config',
    `${where} cannot be read (${error instanceof Error ? error.message.slice(0, 120) : 'unknown error'})`,
    { hint: 'Mend or delete the file.', cause: error },
  )
}
