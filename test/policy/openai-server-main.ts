import { parseArgs } from 'node:util'
import { readScript } from '../../src/policy/script-file.ts'
import { createScriptAnswers } from './script-answers.ts'
import { startOpenAiServer } from './openai-server.ts'

const USAGE = `node test/policy/openai-server-main.ts --script FILE [--port 0] [--delay MS] [--busy-every N] [--cut-every N] [--key KEY]

A model server for trials by hand: says the replies of a script (JSON Lines {task?, replies, repeat?}) over the OpenAI protocol.
A line's task is looked for in the conversation; conversations take the lines that fit in turn.
--delay: between deltas. --busy-every: each Nth request gets 503. --cut-every: each Nth reply breaks off.
`

const { values } = parseArgs({
  options: {
    script: { type: 'string' },
    port: { type: 'string', default: '0' },
    delay: { type: 'string', default: '0' },
    'busy-every': { type: 'string', default: '0' },
    'cut-every': { type: 'string', default: '0' },
    key: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || values.script === undefined) {
  process.stderr.write(USAGE)
  process.exit(values.help ? 0 : 2)
}

const server = await startOpenAiServer({
  answers: createScriptAnswers(await readScript(values.script), {
    delayMs: Number(values.delay),
    busyEvery: Number(values['busy-every']),
    cutEvery: Number(values['cut-every']),
  }),
  port: Number(values.port),
  metrics: () => `vllm:num_requests_running 1\nvllm:prompt_tokens_total ${server.requests.length * 1000}\n`,
  ...(values.key === undefined ? {} : { key: values.key }),
})
process.stdout.write(`${server.url}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())
