import { z } from 'zod'
import { GRADING_RULES, LOG_PARSERS } from '../domain/task.ts'
import { checkedId, checkedImage, ROW_LIMITS, RowError } from './row.ts'

const command = z.string().trim().min(1).max(ROW_LIMITS.command)
const commands = z.array(command).max(1_000)
const names = z.array(z.string().min(1).max(ROW_LIMITS.name)).max(ROW_LIMITS.names)
const checked = (check: (text: string, where: string) => string) =>
  z.string().superRefine((text, context) => {
    try {
      check(text, 'the text')
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof RowError ? error.message : String(error) })
    }
  })

/** `task.json` of our folder format (docs/tasks.md). */
const taskFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    id: checked(checkedId).optional(),
    statement: z.string().trim().min(1).max(ROW_LIMITS.text).optional(),
    repository: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, 'expected owner/name')
      .optional(),
    version: z.string().max(ROW_LIMITS.id).optional(),
    image: checked(checkedImage).optional(),
    workdir: z
      .string()
      .regex(/^(?:\/[\w.@+-]+)+$/, 'expected an absolute path')
      .refine((path) => !path.split('/').includes('..'), 'expected a path without ..')
      .default('/workspace'),
    setup: commands.default([]),
    network: z.boolean().default(false),
    variables: z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of a variable'), z.string()).default({}),
    tests: z
      .strictObject({
        commands: commands.min(1),
        install: commands.default([]),
        parser: z.enum(LOG_PARSERS).default('exit-code'),
        rules: z.enum(GRADING_RULES).optional(),
        failToPass: names.default([]),
        passToPass: names.default([]),
        timeoutSeconds: z.number().positive().max(86_400).default(300),
        memoryMegabytes: z.number().int().min(16).optional(),
        cpus: z.number().positive().max(1_024).optional(),
      })
      .refine(
        (tests) => tests.parser === 'exit-code' || tests.failToPass.length + tests.passToPass.length > 0,
        'expected failToPass or passToPass, since the parser reads the status of single tests',
      ),
  })
  .readonly()

export type TaskFile = z.infer<typeof taskFileSchema>

/** Reads `task.json`. @throws RowError naming the first field that is wrong. */
export function parsedTaskFile(value: unknown): TaskFile {
  const parsed = taskFileSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = issue?.path.map(String).join('.') ?? ''
  throw new RowError(`${field === '' ? 'task.json' : `field \`${field}\``}: ${issue?.message ?? 'not a task'}`)
}
