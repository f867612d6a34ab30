import { SandboxError } from './sandbox-error.ts'

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTFOUND', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT', 'EPIPE'])

/** What an error of dockerode says about itself. */
interface EngineAnswer {
  readonly statusCode?: number
  readonly code?: string
  readonly message?: string
  readonly json?: { readonly message?: string } | null
}

/** The engine's answer as a SandboxError; `doing` completes "the container engine could not …". */
export function engineError(cause: unknown, doing: string): SandboxError {
  if (cause instanceof SandboxError) return cause
  const { code = '', statusCode } = cause as EngineAnswer
  const words = engineWords(cause)
  if (code === 'EACCES' || code === 'EPERM')
    return new SandboxError('engine', 'the container engine may not be used by this user', {
      hint: 'Add the user to the group docker, or set DOCKER_HOST to the socket of a rootless engine.',
      cause,
    })
  if (UNREACHABLE.has(code))
    return new SandboxError('engine', `no container engine answers (${code})`, {
      hint: 'Start Docker (systemctl start docker) or Podman (systemctl --user enable --now podman.socket) and set DOCKER_HOST.',
      cause,
    })
  if (/no space left on device|disk quota exceeded/i.test(words))
    return new SandboxError('disk', `the container engine could not ${doing}: no disk space left`, {
      hint: 'Free space where the engine keeps its data, for example with docker system prune.',
      cause,
    })
  if (statusCode === 404 && /container/i.test(words))
    return new SandboxError('gone', `the container is gone, so the engine could not ${doing}`, { cause })
  return new SandboxError('engine', `the container engine could not ${doing}: ${words}`, { cause })
}

/** The first line of what the engine said. */
export function engineWords(cause: unknown): string {
  const { message, json } = cause as EngineAnswer
  return (json?.message ?? message ?? String(cause)).trim().split('\n', 1)[0]?.slice(0, 300) ?? ''
}

/** HTTP status of the engine's answer; `undefined`: it gave none. */
export function engineStatus(cause: unknown): number | undefined {
  return (cause as EngineAnswer).statusCode
}
