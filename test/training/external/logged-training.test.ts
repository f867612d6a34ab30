import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LoggedTraining } from '../../../src/training/external/logged-training.ts'
import { RunEvent } from '../../../src/training/run-event.ts'
import { temporaryFolder } from '../../sessions/temporary.ts'
import { eventFile, restartRecord, type Scalar } from './event-file.ts'
import { copyOf, figuresOf, FIXTURES, outline, readOnce, told } from './fixtures.ts'

const WHOLE = ['start', 'step 1', 'step 2', 'step 3', 'eval 3', 'step 4', 'step 5', 'step 6', 'eval 6']

interface StateFile {
  global_step: number
  log_history: Record<string, number | null>[]
}

function stateOf(path: string): StateFile {
  return JSON.parse(readFileSync(path, 'utf8')) as StateFile
}

/** The figures a state has of a step, without what is no metric. */
function loggedFigures({ log_history }: StateFile, type: 'step' | 'eval', step: number) {
  const name = type === 'step' ? 'loss' : 'eval_loss'
  const {
    step: _step,
    epoch: _epoch,
    ...figures
  } = log_history.find((each) => each['step'] === step && name in each) ?? {}
  for (const each of ['eval_runtime', 'eval_samples_per_second', 'eval_steps_per_second']) delete figures[each]
  return figures
}

/** The figures that count after everything was told: a start forgets what follows the step it goes on after. */
function counting(events: readonly RunEvent[]): Map<string, unknown> {
  let figures = new Map<string, unknown>()
  for (const event of events) {
    if (event.type === 'start') {
      const done = event.resume?.step ?? -1
      figures = new Map([...figures].filter(([key]) => Number(key.split(' ')[1]) <= done))
    }
    if (event.type !== 'step' && event.type !== 'eval') continue
    const key = `${event.type} ${event.step}`
    expect(figures.has(key)).toBe(false)
    figures.set(key, event.metrics)
  }
  return figures
}

function scalars(tag: string, ...points: readonly (readonly [step: number, value: number])[]): Scalar[] {
  return points.map(([step, value]) => ({ tag, step, value }))
}

function write(folder: string, path: string, bytes: Buffer | string): string {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), bytes)
  return join(folder, path)
}

describe('what real trainers left', () => {
  test.each(['trl-sft', 'trl-dpo'])(
    '%s: TensorBoard files and checkpoints tell each step once, with the figures of both',
    async (name) => {
      const events = await readOnce(join(FIXTURES, name))
      expect(outline(events)).toEqual(WHOLE)
      const state = stateOf(join(FIXTURES, name, 'checkpoint-6/trainer_state.json'))
      for (const [type, step] of [
        ...[1, 2, 3, 4, 5, 6].map((each) => ['step', each] as const),
        ['eval', 3] as const,
        ['eval', 6] as const,
      ]) {
        const [figures, logged] = [figuresOf(events, type, step) ?? {}, loggedFigures(state, type, step)]
        expect(Object.keys(figures).sort()).toEqual(Object.keys(logged).sort())
        for (const [metric, value] of Object.entries(logged)) expect(figures[metric]).toBeCloseTo(value ?? 0, 5)
      }
      expect(events.every((event) => RunEvent.safeParse(event).success)).toBe(true)
    },
  )

  test('the stage, what was asked for and how long it is are known', async () => {
    const [dpo] = await readOnce(join(FIXTURES, 'trl-dpo'))
    expect(dpo).toMatchObject({
      stage: 'dpo',
      totalSteps: 6,
      epochs: 1,
      model: { id: '/tmp/t2/tiny-model', dtype: 'float32' },
      config: {
        read_from: 'TensorBoard files (2), trainer_state.json',
        beta: 0.1,
        learning_rate: 0.001,
        loss_type: ['sigmoid'],
      },
    })
    expect((await readOnce(join(FIXTURES, 'trl-sft')))[0]).toMatchObject({ stage: 'sft', config: { max_length: 64 } })
  })

  test('checkpoints alone tell the same, and so do TensorBoard files alone', async () => {
    const states = copyOf('trl-dpo')
    rmSync(join(states, 'runs'), { recursive: true })
    expect(outline(await readOnce(states))).toEqual(WHOLE)
    const boards = copyOf('trl-dpo')
    for (const checkpoint of ['checkpoint-3', 'checkpoint-6']) rmSync(join(boards, checkpoint), { recursive: true })
    const events = await readOnce(boards)
    expect(outline(events)).toEqual(WHOLE)
    // From its arguments and the passes it logs.
    expect(events[0]).toMatchObject({ totalSteps: 6, epochs: 1 })
  })

  test('LLaMA-Factory: its log leads, the state of a checkpoint adds what the log leaves out', async () => {
    const events = await readOnce(join(FIXTURES, 'llama-factory'))
    expect(outline(events)).toEqual(WHOLE)
    expect(events[0]).toMatchObject({ stage: 'dpo', totalSteps: 6 })
    expect(figuresOf(events, 'step', 5)).toMatchObject({
      loss: 0.6929212212562561,
      learning_rate: 0.0003333333333333333,
      'rewards/accuracies': 1,
      'rewards/margins': 0.0004519463109318167,
      tokens_per_second: 11.54,
    })
    expect(figuresOf(events, 'eval', 6)).toMatchObject({ eval_loss: 0.692940354347229, 'eval_rewards/accuracies': 0.5 })

    const log = copyOf('llama-factory')
    rmSync(join(log, 'checkpoint-6'), { recursive: true })
    const logged = await readOnce(log)
    expect(outline(logged)).toEqual(WHOLE)
    expect(logged[0]).toMatchObject({ stage: 'dpo' })
    expect(figuresOf(logged, 'eval', 3)).toEqual({ eval_loss: 0.6929295063018799 })
  })

  test('a training that is over says so: its best evaluation, how long it took', async () => {
    const folder = join(FIXTURES, 'trl-dpo')
    const training = new LoggedTraining(folder)
    await told(training, folder)
    expect(training.standing()).toEqual({ done: 'sure', step: 6, totalSteps: 6 })
    expect(training.end('completed')).toMatchObject({
      status: 'completed',
      best: [{ stage: 'dpo', step: 3, loss: expect.closeTo(0.69293, 4) }],
      seconds: expect.closeTo(0.1638, 4),
    })
  })
})

describe('a training that goes on', () => {
  test('a step is told when it is whole; nothing is told twice', async () => {
    const folder = temporaryFolder()
    const bytes = readFileSync(join(FIXTURES, 'trl-sft/runs/events.out.tfevents.1796067638.vm.9340.0'))
    const path = write(folder, 'runs/events.out.tfevents.1796067638.vm.9340.0', '')
    const training = new LoggedTraining(folder)
    const events: RunEvent[] = []
    for (let at = 0; at < bytes.length; at += 97) {
      appendFileSync(path, bytes.subarray(at, at + 97))
      events.push(...(await told(training, folder, false)))
    }
    events.push(...(await told(training, folder, true)))
    expect(outline(events).filter((each) => !each.startsWith('start'))).toEqual(WHOLE.slice(1))
    expect(figuresOf(events, 'step', 4)).toEqual(figuresOf(await readOnce(join(FIXTURES, 'trl-sft')), 'step', 4))
    expect(await told(training, folder)).toEqual([])
  })

  test('one that was begun again at a checkpoint goes back there: what it says anew counts', async () => {
    const folder = copyOf('trl-dpo')
    const second = join(folder, 'runs/events.out.tfevents.1796067649.vm.9339.0')
    const aside = join(folder, '..', 'second')
    renameSync(second, aside)
    for (const checkpoint of ['checkpoint-6']) rmSync(join(folder, checkpoint), { recursive: true })
    const training = new LoggedTraining(folder)
    expect(outline(await told(training, folder))).toEqual(['start', 'step 1', 'step 2', 'step 3', 'eval 3', 'step 4'])
    renameSync(aside, second)
    const again = await told(training, folder)
    expect(outline(again)).toEqual(['start 3', 'step 4', 'step 5', 'step 6', 'eval 6'])
    // The trainer counts its tokens anew after a restart: it is the second attempt's figure.
    expect(figuresOf(again, 'step', 4)).toMatchObject({ num_tokens: 61 })
    expect(training.standing().done).toBe('sure')
  })

  test('however often it is looked at while it grows, in the end the same counts as read at once', async () => {
    const whole = counting(await readOnce(join(FIXTURES, 'trl-dpo')))
    const names = ['events.out.tfevents.1796067644.vm.9437.0', 'events.out.tfevents.1796067649.vm.9339.0']
    const files = names.map((name) => ({ name, bytes: readFileSync(join(FIXTURES, 'trl-dpo/runs', name)) }))
    const looks = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(looks, looks, fc.boolean(), async (first, second, hasCheckpoint) => {
        const folder = mkdtempSync(join(tmpdir(), 'sealign-test-'))
        mkdirSync(join(folder, 'runs'))
        const training = new LoggedTraining(folder)
        const events: RunEvent[] = []
        for (const [at, { name, bytes }] of files.entries()) {
          for (const part of [...([first, second][at]?.toSorted((a, b) => a - b) ?? []), 1]) {
            writeFileSync(join(folder, 'runs', name), bytes.subarray(0, Math.round(part * bytes.length)))
            events.push(...(await told(training, folder, part > 0.5)))
          }
          const checkpoint = `checkpoint-${3 * (at + 1)}`
          if (hasCheckpoint)
            cpSync(join(FIXTURES, 'trl-dpo', checkpoint), join(folder, checkpoint), { recursive: true })
        }
        events.push(...(await told(training, folder)))
        rmSync(folder, { recursive: true })
        expect(counting(events)).toEqual(whole)
      }),
      { numRuns: 25 },
    )
  })

  test('what an older attempt left does not come back', async () => {
    const folder = temporaryFolder()
    const at = (step: number, wallTime: number, value: number): Scalar => ({ tag: 'train/loss', step, value, wallTime })
    write(folder, 'runs/a/events.out.tfevents.1000.host.1', eventFile([at(1, 1001, 4), at(2, 1002, 3), at(3, 1003, 2)]))
    const state = {
      global_step: 3,
      max_steps: 9,
      log_history: [1, 2, 3].map((step) => ({ step, loss: 5 - step, grad_norm: 1 })),
    }
    const path = write(folder, 'checkpoint-3/trainer_state.json', JSON.stringify(state))
    utimesSync(path, 1004, 1004)
    write(folder, 'runs/b/events.out.tfevents.2000.host.1', eventFile([at(1, 2001, 8), at(2, 2002, 7)]))
    const events = await readOnce(folder)
    expect(outline(events)).toEqual(['start', 'step 1', 'step 2'])
    expect(figuresOf(events, 'step', 2)).toEqual({ loss: 7 })
  })

  test('a log that goes back in steps, or is another file, is begun again', async () => {
    const folder = temporaryFolder()
    const line = (step: number, loss: number) =>
      `${JSON.stringify({ current_steps: step, total_steps: 40, loss, lr: 1e-5, epoch: step / 40, percentage: step * 2.5, elapsed_time: '0:00:10', remaining_time: '1 day, 0:01:30' })}\n`
    const path = write(folder, 'trainer_log.jsonl', line(10, 4) + line(20, 3) + line(30, 2))
    const training = new LoggedTraining(folder)
    const first = await told(training, folder)
    expect(outline(first)).toEqual(['start', 'step 10', 'step 20', 'step 30'])
    expect(first.at(-1)).toMatchObject({ etaSeconds: 86_490, epoch: 0.75 })
    appendFileSync(path, line(20, 9))
    expect(outline(await told(training, folder))).toEqual(['start 19', 'step 20'])
    writeFileSync(path, line(10, 7))
    const replaced = await told(training, folder)
    expect(outline(replaced)).toEqual(['start', 'step 10'])
    expect(figuresOf(replaced, 'step', 10)).toMatchObject({ loss: 7 })
  })

  test('a TensorBoard file that says that it begins again, or is another file, takes back what was said', async () => {
    const folder = temporaryFolder()
    write(folder, 'events.out.tfevents.1', eventFile(scalars('train/loss', [1, 4], [2, 3], [3, 2])))
    const training = new LoggedTraining(folder)
    await told(training, folder)
    const second = write(folder, 'events.out.tfevents.2', restartRecord(2))
    expect(outline(await told(training, folder))).toEqual(['start 1'])
    appendFileSync(second, eventFile(scalars('train/loss', [2, 8])))
    expect(outline(await told(training, folder))).toEqual(['step 2'])
    write(folder, 'events.out.tfevents.1', eventFile(scalars('train/loss', [1, 9])))
    const replaced = await told(training, folder)
    expect(outline(replaced)).toEqual(['start 0', 'step 1'])
    expect(figuresOf(replaced, 'step', 1)).toEqual({ loss: 9 })
  })

  test('what a checkpoint adds to steps that were told is told with them again, once', async () => {
    const folder = copyOf('llama-factory')
    const state = join(folder, 'checkpoint-6')
    renameSync(state, join(folder, '..', 'checkpoint-6'))
    const training = new LoggedTraining(folder)
    expect(outline(await told(training, folder))).toEqual(WHOLE)
    renameSync(join(folder, '..', 'checkpoint-6'), state)
    const again = await told(training, folder)
    expect(outline(again)).toEqual(['start 0', ...WHOLE.slice(1)])
    expect(figuresOf(again, 'step', 2)).toHaveProperty('rewards/margins')
    expect(await told(training, folder)).toEqual([])
  })

  test('when the number of steps is known only later, the stage begins anew without a step told again', async () => {
    const folder = temporaryFolder()
    write(folder, 'logs/events.out.tfevents.1', eventFile(scalars('train/loss', [5, 1], [10, 2])))
    const training = new LoggedTraining(folder)
    expect((await told(training, folder))[0]).toMatchObject({ totalSteps: 0 })
    write(
      folder,
      'checkpoint-10/trainer_state.json',
      JSON.stringify({ max_steps: 200, global_step: 10, log_history: [] }),
    )
    const [start, ...more] = await told(training, folder)
    expect(start).toMatchObject({ type: 'start', totalSteps: 200, resume: { step: 10 } })
    expect(more).toEqual([])
  })

  test('its pace says how long it still takes', async () => {
    const folder = temporaryFolder()
    const steps = Array.from(
      { length: 100 },
      (_, at): Scalar => ({ tag: 'train/loss', step: at + 1, value: 1, wallTime: 1000 + at * 2 }),
    )
    write(folder, 'events.out.tfevents.1000.h', eventFile(steps))
    write(
      folder,
      'checkpoint-100/trainer_state.json',
      JSON.stringify({ max_steps: 400, global_step: 100, log_history: [] }),
    )
    expect((await readOnce(folder)).at(-1)).toMatchObject({ step: 100, t: 1198, etaSeconds: 600 })
  })
})

describe('bad input', () => {
  test('numbers that are not finite are null, as Python writes them and as floats', async () => {
    const folder = temporaryFolder()
    write(
      folder,
      'trainer_log.jsonl',
      '{"current_steps": 1, "total_steps": 2, "loss": NaN, "lr": -Infinity, "epoch": 0.5, "percentage": 50.0}\n',
    )
    expect(figuresOf(await readOnce(folder), 'step', 1)).toEqual({ loss: null, learning_rate: null })
    const other = temporaryFolder()
    write(
      other,
      'trainer_state.json',
      '{"log_history": [{"step": 1, "loss": NaN, "note": "NaN, \\"x\\" Infinity"}], "max_steps": 2}',
    )
    expect(figuresOf(await readOnce(other), 'step', 1)).toEqual({ loss: null })
    const board = temporaryFolder()
    write(
      board,
      'events.out.tfevents.1',
      eventFile(scalars('train/loss', [1, Number.NaN], [2, Number.POSITIVE_INFINITY])),
    )
    expect(figuresOf(await readOnce(board), 'step', 2)).toEqual({ loss: null })
  })

  test('broken lines, a damaged file and a state that cannot be read are named once; the rest counts', async () => {
    const folder = temporaryFolder()
    const lines = [
      '{"current_steps": 1, "loss": 2}',
      'no json',
      '[]',
      '{"current_steps": -4}',
      '{"current_steps": 2, "loss": 1}',
    ]
    write(folder, 'trainer_log.jsonl', `${lines.join('\n')}\n{"current_steps": 3, "lo`)
    const path = write(folder, 'trainer_state.json', '{"log_history": [')
    const training = new LoggedTraining(folder)
    const events = [
      ...(await told(training, folder)),
      ...(await told(training, folder)),
      ...(await told(training, folder)),
    ]
    expect(outline(events)).toEqual(['start', 'step 1', 'step 2', 'warning', 'warning'])
    expect(events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))).toEqual([
      "trainer_log.jsonl:2 is no line of a trainer's log; such lines are passed over",
      expect.stringMatching(/\/trainer_state.json cannot be read as a trainer's state$/),
    ])
    writeFileSync(path, JSON.stringify({ log_history: [], max_steps: 50 }))
    expect(await told(training, folder)).toMatchObject([{ type: 'start', totalSteps: 50 }])

    const board = temporaryFolder()
    const bytes = eventFile(scalars('train/loss', [1, 1], [2, 2], [3, 3]))
    bytes[bytes.length - 20] = 255
    write(board, 'events.out.tfevents.1', bytes)
    expect(outline(await readOnce(board))).toEqual(['start', 'step 1', 'step 2', 'warning'])
  })

  test('absurd steps, names and numbers of metrics are bounded', async () => {
    const folder = temporaryFolder()
    const many = Array.from({ length: 600 }, (_, at): Scalar => ({ tag: `m${at}`, step: 1, value: at }))
    const odd = [
      ...scalars('train/loss', [-5, 1], [2 ** 52, 1], [1, 0.5]),
      ...scalars('__proto__', [1, 1]),
      ...scalars(`train/${'x'.repeat(190)}\u001b[2J`, [1, 1]),
    ]
    write(folder, 'events.out.tfevents.1', eventFile([...odd, ...many]))
    const events = await readOnce(folder)
    expect(outline(events)).toEqual(['start', 'step 1', 'warning'])
    expect(Object.keys(figuresOf(events, 'step', 1) ?? {})).toHaveLength(500)
    expect(events.at(-1)).toMatchObject({ message: 'there are more than 500 metrics; the others are left out' })
    const state = temporaryFolder()
    write(
      state,
      'trainer_state.json',
      '{"log_history": [{"step": 1e300, "loss": 1}, {"step": 1, "loss": 1e999, "epoch": 1e999}], "max_steps": 1e300}',
    )
    expect(await readOnce(state)).toMatchObject([{ totalSteps: 0 }, { step: 1, epoch: 0, metrics: { loss: null } }])
  })
})
