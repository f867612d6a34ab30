// The workbench over rollouts that live, in memory: `ROLLOUTS EVERY`; each receives a part of its reply every so many milliseconds. For tests and for looking at it.
import { openWorkbench } from '../../../views/app.tsx'
import { RolloutsPane } from '../../../views/rollouts/pane.ts'
import { TreePane } from '../../../views/tree/pane.ts'
import { LiveModel } from '../../views/rollouts/live-model.ts'

const [rollouts = 64, every = 100] = process.argv.slice(2).map(Number)
const model = new LiveModel(rollouts)
const timer = setInterval(() => model.tick(every), every)
process.exitCode = await openWorkbench({
  model,
  commands: { complete: () => [], run: async (line) => ({ type: 'message', text: `ran ${line}` }) },
  panes: [new RolloutsPane(model), new TreePane(model)],
  stdin: process.stdin,
  stdout: process.stdout,
  env: process.env,
})
clearInterval(timer)
