import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs'
import { release } from 'node:os'
import { promisify } from 'node:util'
import { z } from 'zod'
import { sessionsFolder } from '../sessions/place.ts'
import { SealignError } from '../src/domain/errors.ts'
import { bytesText } from '../src/importers/limits.ts'
import { openEndpoint } from '../src/policy/endpoint.ts'
import { readServerInfo } from '../src/policy/server-info.ts'
import { safeText } from '../src/lib/safe-text.ts'
import { SEALIGN_VERSION } from '../src/domain/version.ts'
import { findPython } from '../src/training/torch/python.ts'
import { type CommandContext, defineCommand, type TextStyle } from './define.ts'

/** One thing that was looked at. `missing` = optional and not there; only `broken` is a failure. */
interface Finding {
  readonly name: string
  readonly state: 'ok' | 'missing' | 'broken'
  readonly says: string
  /** How to mend it. */
  readonly mend?: string
}

/** Free space below which an import may not finish, bytes. */
const LITTLE_SPACE = 1e9

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'Look at what sealign needs on this machine, and say how to mend what is missing',
  example: 'sealign doctor',
  args: z.object({}),
  async run(_args, context) {
    const here = [node(), store(context), session(context), settings(context), terminal(context)]
    const findings = [
      ...here,
      ...(await Promise.all([docker(), bubblewrap(context), endpoint(context), gpu(), python(context)])),
    ]
    return {
      version: SEALIGN_VERSION,
      system: `${process.platform} ${release()} ${process.arch}`,
      findings,
      exitCode: findings.some((finding) => finding.state === 'broken') ? 5 : 0,
    }
  },
  text: ({ version, system, findings }, style) =>
    [`sealign ${version} on ${system}`, ...findings.flatMap((finding) => lines(finding, style))].join('\n'),
  json: ({ exitCode: _exitCode, ...report }) => report,
})

const MARKS = { ok: '✓', missing: '–', broken: '✗' } as const

function lines({ name, state, says, mend }: Finding, style: TextStyle): string[] {
  const colour = { ok: 32, missing: 33, broken: 31 }[state]
  const mark = style.color ? `\x1b[${colour}m${MARKS[state]}\x1b[39m` : MARKS[state]
  return [
    `${mark} ${name.padEnd(9)} ${state === 'ok' ? '' : `${state}: `}${safeText(says)}`,
    ...(mend === undefined ? [] : [`            ${safeText(mend)}`]),
  ]
}

function node(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  if (major >= 24) return { name: 'node', state: 'ok', says: `Node ${process.versions.node}` }
  return {
    name: 'node',
    state: 'broken',
    says: `Node ${process.versions.node}; 24 or newer is needed`,
    mend: 'Install Node 24, or run it through npm in the checkout, which brings its own.',
  }
}

function store({ env }: CommandContext): Finding {
  const folder = sessionsFolder(env)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    const free = bavail * bsize
    if (free < LITTLE_SPACE)
      return {
        name: 'disk',
        state: 'broken',
        says: `only ${bytesText(free)} free in ${folder}`,
        mend: 'Free some space, or set XDG_DATA_HOME to a larger disk.',
      }
    return { name: 'disk', state: 'ok', says: `${bytesText(free)} free in ${folder}` }
  } catch (error) {
    return {
      name: 'disk',
      state: 'broken',
      says: `${folder} cannot be written (${code(error)})`,
      mend: 'Give yourself write permission, or set XDG_DATA_HOME to a folder of yours.',
    }
  }
}

function session(context: CommandContext): Finding {
  const path = context.sessionPath
  if (!existsSync(path))
    return {
      name: 'session',
      state: 'missing',
      says: `${path} does not exist yet`,
      mend: 'sealign import PATH starts it.',
    }
  try {
    const { trajectories, tasks } = context.session().summary()
    return { name: 'session', state: 'ok', says: `${path}: ${trajectories} trajectories of ${tasks} tasks` }
  } catch (error) {
    return {
      name: 'session',
      state: 'broken',
      says: error instanceof Error ? error.message : String(error),
      mend: 'sealign session check tells more.',
    }
  }
}

function settings(context: CommandContext): Finding {
  return { name: 'settings', state: 'ok', says: `${context.config.path}; reviewer ${context.config.reviewer}` }
}

function terminal({ env }: CommandContext): Finding {
  const term = env['TERM'] ?? ''
  if (term === '' || term === 'dumb')
    return {
      name: 'terminal',
      state: 'missing',
      says: 'no terminal that can move its cursor',
      mend: 'The workbench needs one; sealign repl and the shell commands do not.',
    }
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  if (!/utf-?8/i.test(locale))
    return {
      name: 'terminal',
      state: 'missing',
      says: `${term}, but the locale ${locale || '(none)'} is not UTF-8`,
      mend: 'Set LANG=C.UTF-8 if frames and bars look wrong.',
    }
  return { name: 'terminal', state: 'ok', says: `${term}, ${locale}${env['TMUX'] ? ', in tmux' : ''}` }
}

async function docker(): Promise<Finding> {
  try {
    const { default: Docker } = await import('dockerode')
    const engine = new Docker({ timeout: 3000 })
    const { Version } = await engine.version()
    return { name: 'docker', state: 'ok', says: `engine ${Version}` }
  } catch (error) {
    return {
      name: 'docker',
      state: 'missing',
      says: `no engine answers (${code(error)})`,
      mend: 'Only rollouts in containers need it: start dockerd, or set DOCKER_HOST.',
    }
  }
}

/** Tried, not looked for: user namespaces may be switched off. */
async function bubblewrap({ env }: CommandContext): Promise<Finding> {
  const program = env['SEALIGN_BWRAP'] || 'bwrap'
  const said = await output(program, ['--ro-bind', '/', '/', '--unshare-all', '--', program, '--version'])
  if (said === undefined)
    return {
      name: 'bwrap',
      state: 'missing',
      says: `${program} is not there, or may not isolate here`,
      mend: 'Rollouts of a model in the local sandbox need it: apt install bubblewrap. Containers do not.',
    }
  return { name: 'bwrap', state: 'ok', says: said }
}

async function endpoint({ config, env }: CommandContext): Promise<Finding> {
  const baseUrl = config.get('baseUrl')
  if (baseUrl === undefined)
    return {
      name: 'endpoint',
      state: 'missing',
      says: 'no model server is set',
      mend: 'sealign config baseUrl http://HOST:PORT/v1, or give --base-url to each rollout start.',
    }
  const key = env['OPENAI_API_KEY'] || config.get('apiKey')
  const server = openEndpoint({ baseUrl, ...(key !== undefined && { key }) })
  const info = await readServerInfo(server, 3000)
  if (!info)
    return {
      name: 'endpoint',
      state: 'missing',
      says: `${server.shown} does not answer, or not with a list of models`,
      mend: 'Start the server, or check the address and the key.',
    }
  const models = info.models.slice(0, 5).map(({ id }) => id)
  return { name: 'endpoint', state: 'ok', says: `${server.shown} (${info.software}): ${models.join(', ')}` }
}

async function gpu(): Promise<Finding> {
  const said = await output('nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader'])
  if (said === undefined)
    return {
      name: 'gpu',
      state: 'missing',
      says: 'nvidia-smi does not answer',
      mend: 'Only training real models needs one.',
    }
  return { name: 'gpu', state: 'ok', says: said.split('\n').join('; ') }
}

/** Asked, not looked for: a library that is there may still not load. */
async function python(context: CommandContext): Promise<Finding> {
  try {
    const places = { env: context.env, setting: context.config.get('python') }
    const found = await findPython(places, (line) => context.progress(line))
    const { path, version, torch, cuda, gpus } = found
    const names = gpus.map(({ name, memoryBytes }) => `${name} (${bytesText(memoryBytes)})`)
    const computes = cuda === null ? 'no CUDA: it trains on the CPU' : `CUDA ${cuda} on ${names.join(', ')}`
    return { name: 'python', state: 'ok', says: `${path}: Python ${version}, torch ${torch}, ${computes}` }
  } catch (error) {
    if (!(error instanceof SealignError)) throw error
    const mend = `Only training language models needs it. ${error.hint ?? ''}`.trim()
    return { name: 'python', state: 'missing', says: error.message, mend }
  }
}

async function output(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, [...args], { timeout: 10_000 })
    return stdout.trim()
  } catch {
    return undefined
  }
}

function code(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : 'unknown error')
}
