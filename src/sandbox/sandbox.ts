import type { FileMap } from '../domain/task.ts'

export const SANDBOX_KINDS = ['local', 'docker', 'scripted'] as const
export type SandboxKind = (typeof SANDBOX_KINDS)[number]

/** What one Sandbox may use. */
export interface SandboxLimits {
  readonly cpus: number
  readonly memoryBytes: number
  /** Processes and threads. */
  readonly processes: number
  /** Bytes of files it may write, where the kind can hold it to that; a watchdog elsewhere. */
  readonly diskBytes: number
}

export const DEFAULT_SANDBOX_LIMITS: SandboxLimits = {
  cpus: 2,
  memoryBytes: 4 * 1024 ** 3,
  processes: 512,
  diskBytes: 10 * 1024 ** 3,
}

/** Who a Sandbox belongs to; written on containers and folders, so that orphans are found. */
export interface SandboxLabels {
  /** Absolute path of the session's database. */
  readonly session: string
  readonly job: string
  readonly role: 'agent' | 'grader' | 'check'
  readonly task: string
  readonly run: string
}

/** How to make a Sandbox. */
export interface SandboxSpec {
  readonly image?: string
  /** Absolute path inside; made when it is not there. The shell starts in it. */
  readonly workdir: string
  /** Written below `workdir` before anything runs. */
  readonly files: FileMap
  readonly network: boolean
  /** Variables beyond `DETERMINISTIC_VARIABLES`, which every Sandbox sets. */
  readonly variables: Readonly<Record<string, string>>
  readonly limits: SandboxLimits
  readonly labels: SandboxLabels
  /** Whether the commands come from our own scripted Policy: only then may a Sandbox be a plain child process. */
  readonly trusted: boolean
  /** Starts from this snapshot instead of the image and `files`. */
  readonly from?: Snapshot
}

/** The files of a Sandbox at one moment; processes, working folder and variables of its shell are not in it. */
export interface Snapshot {
  readonly kind: SandboxKind
  /** Image id or folder. */
  readonly reference: string
  remove(): Promise<void>
}

/** Makes every run print the same thing, so that equal Actions get equal Observations. */
export const DETERMINISTIC_VARIABLES: Readonly<Record<string, string>> = {
  PYTHONHASHSEED: '0',
  PYTHONDONTWRITEBYTECODE: '1',
  TZ: 'UTC',
  LC_ALL: 'C.UTF-8',
  LANG: 'C.UTF-8',
  COLUMNS: '120',
  LINES: '40',
  TERM: 'dumb',
  NO_COLOR: '1',
  PAGER: 'cat',
  MANPAGER: 'cat',
  GIT_PAGER: 'cat',
  GIT_TERMINAL_PROMPT: '0',
  DEBIAN_FRONTEND: 'noninteractive',
  PIP_PROGRESS_BAR: 'off',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  TQDM_DISABLE: '1',
  HOME: '/root',
}

/** Makes Sandboxes of one kind. */
export interface SandboxProvider {
  readonly kind: SandboxKind
  /**
   * @throws SandboxError `engine`, `image`, `refused` (untrusted commands without isolation) or `disk`.
   */
  create(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox>
  /** Removes Sandboxes and snapshots of ours whose owner process is dead or whose time is over; returns how many. */
  sweep(): Promise<number>
  /** One sentence about what isolates commands here, for people: `bubblewrap 0.8.0, no network`. */
  describe(): Promise<string>
  close(): Promise<void>
}

/** An isolated environment that executes Actions. Every call may throw SandboxError `gone` when it died. */
export interface Sandbox {
  readonly kind: SandboxKind
  /** Container id or folder name. */
  readonly id: string
  readonly workdir: string
  /** The persistent shell, started on first use: working folder and variables last from command to command. */
  shell(): Promise<Shell>
  /** Runs a script with `bash -c` in a process of its own, beside the persistent shell; killed with its children at `timeoutMs`. */
  exec(script: string, options: ExecOptions): Promise<ExecResult>
  /** Reads a file as the Sandbox sees it (never through a link to the outside); `undefined`: no such file. */
  readFile(path: string, maxBytes: number): Promise<FileRead | undefined>
  /** Writes a file, folders above it included. @throws SandboxFileError when the path is at fault, SandboxError `disk`. */
  writeFile(path: string, text: string): Promise<void>
  snapshot(): Promise<Snapshot>
  /** The command line (argv) with which a person opens a shell inside, from another terminal. */
  attachCommand(): readonly string[]
  close(): Promise<void>
}

export interface FileRead {
  readonly bytes: Buffer
  /** Size of the whole file; `bytes` is shorter when it exceeds `maxBytes`. */
  readonly size: number
  readonly directory: boolean
}

export interface ExecOptions {
  readonly timeoutMs: number
  /** Bytes of output kept: half from the beginning, half from the end. */
  readonly maxBytes: number
  /** Default: `workdir`. */
  readonly cwd?: string
  readonly stdin?: string
  readonly variables?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Hears output as it comes (stdout and stderr in one stream, in the order written). */
  readonly onOutput?: (chunk: Buffer) => void
}

export interface ExecResult {
  /** stdout and stderr in the order written; undecodable bytes are U+FFFD. */
  readonly output: string
  /** Bytes printed, kept or not. */
  readonly bytes: number
  /** `undefined`: it was killed (time-out, out of memory). */
  readonly exitCode: number | undefined
  readonly timedOut: boolean
  readonly outOfMemory: boolean
  readonly durationMs: number
}

/** A shell that lives as long as its Sandbox; one command at a time. */
export interface Shell {
  /** Whether a command is still running (after `quiet` or `timeout`), or ended but nobody was told yet: `input` with `wait` tells. */
  readonly busy: boolean
  /** Runs a command line. Must not be called while `busy`. */
  run(command: string, wait: ShellWait): Promise<ShellResult>
  /** Sends text to the running program's stdin, or a key to it, or nothing; then waits on. */
  input(input: ShellInput, wait: ShellWait): Promise<ShellResult>
  /** Kills what runs (INT, then KILL of its group, then the shell itself) and leaves a shell that works; `lost` = state is gone. */
  interrupt(): Promise<{ readonly lost: boolean }>
}

export type ShellInput =
  | { readonly type: 'text'; readonly text: string }
  /** `C-c`, `C-d`, `C-z`. */
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'wait' }

export interface ShellWait {
  /** Give control back when nothing was printed for this long; the command goes on running. */
  readonly quietMs?: number
  /** Give control back after this long; the command goes on running. */
  readonly timeoutMs: number
  /** Bytes kept, half from the beginning, half from the end. */
  readonly maxBytes: number
  readonly signal?: AbortSignal
  readonly onOutput?: (chunk: Buffer) => void
}

export interface ShellResult {
  /** `exit`: the command ended. `quiet`, `timeout`: it still runs. `lost`: the shell died with it; a new one stands in `workdir`. */
  readonly end: 'exit' | 'quiet' | 'timeout' | 'lost'
  /** What was printed since the last answer; undecodable bytes are U+FFFD. */
  readonly output: string
  readonly bytes: number
  readonly exitCode: number | undefined
  /** Working folder after the command; `undefined` unless `end` is `exit`. */
  readonly cwd: string | undefined
  readonly durationMs: number
}
