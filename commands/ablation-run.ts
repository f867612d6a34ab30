import { hash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { evaluationReport } from '../sessions/evaluation-facts.ts'
import { Session } from '../sessions/session.ts'
import { SealignError } from '../src/domain/errors.ts'
import type { AblationResult, AblationVariant } from '../src/evaluation/ablation.ts'
import { taskCounts } from '../src/evaluation/summary.ts'
import type { AblateArgs } from './ablation-settings.ts'
import { untilDone } from './child-job.ts'
import type { CommandContext } from './define.ts'
import { type EmbeddedTasks, embeddedTasks, SMALL_ROLLOUTS, taskFlags } from './embedded-tasks.ts'
import { evalStart } from './eval-start.ts'
import { pairAccept, pairStats } from './pair.ts'
import { rolloutStart } from './rollout-start.ts'
import { runForJson } from './run-json.ts'
import { taskImport } from './task.ts'
import { trainStart } from './train-start.ts'

const Started = z.looseObject({ job: z.string() })
const Stats = z.looseObject({ accepted: z.int() })

/** The policy that came out, and what it learnt from. */
type Learnt = Pick<AblationResult, 'pairs' | 'resolvedTrajectories'> & { readonly model: string }

const StartedRun = z.looseObject({ job: z.string(), run: z.string() })

/** What is measured once for each seed and variant, and kept in a folder: one session per measurement, one line per result. */
export class AblationRun {
  readonly #folder: string
  readonly #args: AblateArgs
  readonly #context: CommandContext
  #tasks: EmbeddedTasks = { train: [], heldOut: [] }

  constructor(folder: string, args: AblateArgs, context: CommandContext) {
    this.#folder = folder
    this.#args = args
    this.#context = context
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  /** Results of every seed and variant wanted; those not in the folder yet are measured. */
  async results(variants: readonly AblationVariant[]): Promise<AblationResult[]> {
    const { seeds, firstSeed, train, heldOut } = this.#args
    this.#tasks = await embeddedTasks(train, heldOut)
    const wanted = Array.from({ length: seeds }, (_, at) => firstSeed + at).flatMap((seed) =>
      variants.map((variant) => ({ seed, variant })),
    )
    const known = this.#known()
    for (const [at, { seed, variant }] of wanted.entries()) {
      if (this.#context.signal.aborted) break
      if (known.some((each) => each.seed === seed && each.variant === variant.name)) continue
      this.#say(`${at + 1} of ${wanted.length}: seed ${seed}, ${variant.name}`)
      const result = await this.#measure(seed, variant)
      if (result === undefined) break
      known.push(result)
      appendFileSync(this.#resultsPath, `${JSON.stringify({ ...result, settings: this.#settingsKey })}\n`)
    }
    const asked = new Set(wanted.map(({ seed, variant }) => `${seed} ${variant.name}`))
    return known.filter(({ seed, variant }) => asked.has(`${seed} ${variant}`))
  }

  /** @returns `undefined` when it was interrupted. */
  async #measure(seed: number, variant: AblationVariant): Promise<AblationResult | undefined> {
    const startedMs = Date.now()
    const path = await this.#copyOfCollection(seed, variant)
    if (path === undefined) return undefined
    using session = Session.open(path)
    const context = contextOf(this.#context, session)
    const { pairs, resolvedTrajectories, model } = await this.#train(session, seed, variant, context)
    await this.#evaluate(session, seed, model, context)
    if (this.#context.signal.aborted) return undefined
    const facts = evaluationReport(session).evaluations.at(-1)?.facts ?? []
    const counts = {
      resolved: taskCounts(facts, 'resolved'),
      emptyPatch: taskCounts(facts, 'emptyPatch'),
      stuck: taskCounts(facts, 'stuck'),
      invalidCall: taskCounts(facts, 'invalidCall'),
    }
    const seconds = Math.round((Date.now() - startedMs) / 1000)
    return { seed, variant: variant.name, pairs, resolvedTrajectories, counts, seconds }
  }

  /** A session with the seed's rollouts, the variant's own to change. */
  async #copyOfCollection(seed: number, variant: AblationVariant): Promise<string | undefined> {
    const collected = await this.#collection(seed)
    if (collected === undefined) return undefined
    const slug = variant.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
    const path = join(this.#folder, `${this.#settingsKey}-seed${seed}-${slug}-${Date.now().toString(36)}.db`)
    using session = Session.open(collected)
    await session.backup(path)
    return path
  }

  /** The rollouts of a seed, which every variant learns from. */
  async #collection(seed: number): Promise<string | undefined> {
    const { collectorRuns, ownRuns } = this.#args
    const path = join(this.#folder, `${this.#settingsKey}-seed${seed}.db`)
    using session = Session.open(path, { create: true })
    const context = contextOf(this.#context, session)
    const { train, heldOut } = this.#tasks
    if (session.taskDefinitions.list().length === 0)
      await runForJson(
        taskImport,
        [...train, ...heldOut].map(({ folder }) => folder),
        context,
      )
    const names = train.map(({ name }) => name)
    const seedWords = ['--seed', String(seed)]
    if (session.jobs.get(1) === undefined)
      await this.#roll(names, collectorRuns, ['--policy', 'collector', ...seedWords], context)
    await this.#wait(session, 'j1', 'the rollouts')
    if (ownRuns > 0) {
      if (session.jobs.get(2) === undefined) await this.#roll(names, ownRuns, this.#policyWords(seed, 'base'), context)
      await this.#wait(session, 'j2', 'the rollouts of the untrained policy')
    }
    return this.#context.signal.aborted ? undefined : path
  }

  async #train(session: Session, seed: number, variant: AblationVariant, context: CommandContext): Promise<Learnt> {
    const { stages, threshold, merge, onPolicy = false } = variant
    if (stages.length === 0) return { pairs: 0, resolvedTrajectories: 0, model: 'base' }
    session.change({ ...(threshold !== undefined && { threshold }), ...(merge !== undefined && { merge }) })
    const first = await this.#trainOnce(session, seed, variant, 'base', stages, context)
    if (!onPolicy) return first
    const names = this.#tasks.train.map(({ name }) => name)
    const more = Math.max(1, Math.round((this.#args.collectorRuns + this.#args.ownRuns) / 2))
    const { job } = await this.#roll(names, more, this.#policyWords(seed, first.model), context)
    await this.#wait(session, job, 'the rollouts of the aligned policy')
    return await this.#trainOnce(session, seed, variant, first.model, ['dpo'], context)
  }

  async #trainOnce(
    session: Session,
    seed: number,
    { pairs = 'critical', fraction = 1 }: AblationVariant,
    model: string,
    stages: readonly string[],
    context: CommandContext,
  ): Promise<Learnt> {
    await runForJson(pairAccept, ['--where', this.#args.rule], context)
    const { accepted } = Stats.parse(await runForJson(pairStats, [], context))
    // Where the rule fits no pair there is nothing to prefer: what is left is SFT.
    const possible = accepted === 0 && pairs === 'critical' ? stages.filter((stage) => stage !== 'dpo') : stages
    const last = possible.at(-1)
    if (last === undefined) return { model, pairs: 0, resolvedTrajectories: 0 }
    const words = ['--trainer', 'embedded', '--model', model, '--stages', possible.join(',')]
    const rest = ['--pairs', pairs, '--fraction', String(fraction), '--seed', String(seed)]
    const { run, job } = StartedRun.parse(await runForJson(trainStart, [...words, ...rest], context))
    await this.#wait(session, job, 'the training')
    const dataset = session.datasets.get(session.runs.get(Number(run.slice(1)))?.dataset ?? 0)
    return { model: `${run}/${last}`, pairs: dataset?.pairs ?? 0, resolvedTrajectories: dataset?.resolved ?? 0 }
  }

  async #evaluate(session: Session, seed: number, model: string, context: CommandContext): Promise<void> {
    const { evaluationRuns, turns } = this.#args
    const names = this.#tasks.heldOut.map(({ name }) => name)
    const words = ['--name', 'ablation', ...taskFlags(names), '--runs', String(evaluationRuns)]
    const rest = ['--turns', String(turns), ...SMALL_ROLLOUTS, ...this.#policyWords(seed, model)]
    const { job } = Started.parse(await runForJson(evalStart, [...words, ...rest], context))
    await this.#wait(session, job, 'the evaluation')
  }

  async #roll(
    tasks: readonly string[],
    runs: number,
    words: readonly string[],
    context: CommandContext,
  ): Promise<z.infer<typeof Started>> {
    const size = ['--runs', String(runs), '--turns', String(this.#args.turns), ...SMALL_ROLLOUTS]
    return Started.parse(await runForJson(rolloutStart, [...taskFlags(tasks), ...size, ...words], context))
  }

  #policyWords(seed: number, model: string): string[] {
    const temperature = String(this.#args.temperature)
    return ['--policy', 'embedded', '--model', model, '--seed', String(seed), '--temperature', temperature]
  }

  #wait(session: Session, job: string, what: string): Promise<void> {
    return untilDone(session, job, what, this.#context)
  }

  /** Results in the folder that were measured with the same settings. */
  #known(): AblationResult[] {
    if (!existsSync(this.#resultsPath)) return []
    const lines = readFileSync(this.#resultsPath, 'utf8').split('\n').filter(Boolean)
    return lines.flatMap((line, at) => {
      try {
        const { settings, ...result } = JSON.parse(line) as AblationResult & { settings: string }
        return settings === this.#settingsKey ? [result] : []
      } catch {
        // The last line of a call that was killed while it wrote: that result is measured again.
        if (at === lines.length - 1) return []
        throw new SealignError('contract', `${this.#resultsPath}:${at + 1} is not a result of an ablation`, {
          hint: 'Remove the line, or choose another folder with --out.',
        })
      }
    })
  }

  get #resultsPath(): string {
    return join(this.#folder, 'results.jsonl')
  }

  /** Tells results of other sizes apart. */
  get #settingsKey(): string {
    const { train, heldOut, collectorRuns, ownRuns, evaluationRuns, turns, temperature, rule } = this.#args
    const sizes = [train, heldOut, collectorRuns, ownRuns, evaluationRuns, turns, temperature, rule]
    return hash('sha256', JSON.stringify(sizes), 'hex').slice(0, 8)
  }

  #say(line: string): void {
    this.#context.progress(line)
  }
}

/** The same doors, with another session behind them. */
function contextOf(context: CommandContext, session: Session): CommandContext {
  const { config, env, signal } = context
  return {
    session: () => session,
    sessionPath: session.path,
    sessionNamed: true,
    config,
    env,
    signal,
    progress: (line) => context.progress(line),
  }
}
