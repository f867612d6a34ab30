import type { ProfileAnswer, StepDone } from '../profile.ts'

export const STAGES = ['search', 'locate', 'patch', 'check'] as const
export type Stage = (typeof STAGES)[number]

/** Turns of each stage at most; of `patch` and `check` in each round. */
export const STAGE_TURNS: Readonly<Record<Stage, number>> = { search: 10, locate: 3, patch: 4, check: 5 }
/** How often a patch may be judged wrong and written again. */
export const PATCH_ROUNDS = 3

const SEARCH_TOOLS = ['search_class', 'search_method', 'search_code', 'view_lines']

/** The tools of each stage. */
export const STAGE_TOOLS: Readonly<Record<Stage, readonly string[]>> = {
  search: [...SEARCH_TOOLS, 'done_searching'],
  locate: ['locate', 'view_lines'],
  patch: ['write_patch', 'view_lines'],
  check: ['run_check', 'judge_patch', 'view_lines'],
}

const ENTERED: Readonly<Record<Stage, string>> = {
  search: 'Stage search: find the code that the task is about.',
  locate: 'Stage locate: name the places that have to change with `locate`.',
  patch: 'Stage patch: change the code with `write_patch`.',
  check: 'Stage check: see with `run_check` whether the patch works, then call `judge_patch`.',
}

/** What one turn of the workflow leads to. */
export interface Transition extends ProfileAnswer {
  /** The patch was judged wrong: its files go back to what they were. */
  readonly undo?: true
}

/**
 * The fixed workflow search → locate → patch → check (AutoCodeRover, arXiv 2404.05427). A stage ends by its own tool or when its
 * turns are used up; what comes next is decided here, never by the Policy.
 */
export class Stages {
  #stage: Stage = 'search'
  #turns = 0
  #round = 1

  get stage(): Stage {
    return this.#stage
  }

  /** Told to the Policy: the stage, its tools, its turns. */
  get says(): string {
    const left = STAGE_TURNS[this.#stage] - this.#turns
    const tools = STAGE_TOOLS[this.#stage].map((name) => `\`${name}\``).join(', ')
    return `${ENTERED[this.#stage]} Tools: ${tools}. Turns: ${left}.`
  }

  next({ calls }: StepDone): Transition | undefined {
    this.#turns++
    const done = (name: string) => calls.find(({ call, result }) => call.tool.name === name && !result.failed)
    const over = this.#turns >= STAGE_TURNS[this.#stage]
    switch (this.#stage) {
      case 'search':
        return done('done_searching') || over ? this.#enter('locate') : undefined
      case 'locate':
        return done('locate') || over ? this.#enter('patch') : undefined
      case 'patch':
        if (done('write_patch')) return this.#enter('check')
        return over ? { end: 'gave-up' } : undefined
      case 'check':
        return this.#judged(done('judge_patch')?.call.args['correct'], over)
    }
  }

  #judged(correct: unknown, over: boolean): Transition | undefined {
    if (correct === undefined) return over ? { end: 'finished' } : undefined
    if (correct !== 'false' || this.#round >= PATCH_ROUNDS) return { end: 'finished' }
    this.#round++
    return { ...this.#enter('patch', 'The patch was taken back. '), undo: true }
  }

  #enter(stage: Stage, before = ''): Transition {
    this.#stage = stage
    this.#turns = 0
    return { note: before + this.says }
  }
}
