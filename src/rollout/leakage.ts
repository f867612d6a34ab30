import { callsOf, type StepDraft } from '../domain/trajectory.ts'
import { canonicalTool } from '../tree/canonical-call.ts'

/** How a command may have seen the solution: by later commits, by objects nothing points to, or from outside. */
export type LeakageRule = 'all-history' | 'reflog' | 'lost-objects' | 'show-commit' | 'remote' | 'download'

/** A command that may have read the solution. */
export interface LeakageFlag {
  /** Step, from 1. */
  readonly t: number
  readonly rule: LeakageRule
  /** The part of the command that says so; raw text of the Policy. */
  readonly command: string
}

const GIT = String.raw`\bgit(?:\s+(?:-C\s+\S+|-c\s+\S+|--no-pager|--git-dir\S*))*\s+`
const REST = String.raw`[^\n;&|]{0,300}?`

/** Cheating seen in published runs: SWE-bench issue 465, SWE-bench Pro. */
const RULES: readonly (readonly [LeakageRule, RegExp])[] = [
  [
    'all-history',
    new RegExp(`${GIT}(?:log|rev-list|shortlog|show-branch|grep)\\s${REST}--(?:all|branches|remotes|tags)\\b`),
  ],
  ['reflog', new RegExp(`${GIT}(?:reflog\\b|log\\s${REST}(?:-g|--walk-reflogs|--reflog)(?=\\s|$))`)],
  [
    'lost-objects',
    new RegExp(
      `${GIT}(?:fsck\\b|cat-file\\s${REST}--batch-all-objects|verify-pack\\b|unpack-objects\\b)|\\.git/objects\\b`,
    ),
  ],
  [
    'show-commit',
    new RegExp(`${GIT}(?:show|cherry-pick|checkout|diff|cat-file|log)\\s${REST}(?<![\\w./:-])[0-9a-f]{7,40}(?![\\w-])`),
  ],
  ['remote', new RegExp(`${GIT}(?:fetch|pull|clone|ls-remote|remote\\s+add)\\b`)],
  [
    'download',
    /\b(?:pip3?|conda|npm|yarn)\s+(?:download|install)\s+(?!-e\b|-r\b|\.)[^\n;&|-]|\b(?:curl|wget)\s+[^\n;&|]*https?:/,
  ],
]

/** Longest command that is looked at. */
const LOOKED_AT = 20_000

/**
 * The Steps whose shell commands look for the solution instead of making one. At most one flag per Step and rule. A flag is a
 * reason to look, not a proof: `git show` of an old commit is honest work.
 */
export function leakageFlags(steps: readonly StepDraft[]): LeakageFlag[] {
  return steps.flatMap((step, index) =>
    callsOf(step).flatMap((call) => {
      if (canonicalTool(call.name) !== 'bash' || typeof call.arguments === 'string') return []
      const command = call.arguments['command']
      return typeof command === 'string' ? flagsOf(command.slice(0, LOOKED_AT), index + 1) : []
    }),
  )
}

function flagsOf(command: string, t: number): LeakageFlag[] {
  return RULES.flatMap(([rule, pattern]) => {
    const found = pattern.exec(command)?.[0]
    return found === undefined ? [] : [{ t, rule, command: found.trim() }]
  })
}
