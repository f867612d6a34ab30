import { chosenSession } from '../commands/doors.ts'
import { readHistory } from '../commands/repl.ts'
import { Config } from '../commands/user-config.ts'
import { Session } from '../sessions/session.ts'
import { openWorkbench } from './app.tsx'
import { createCommandPort } from './command-port.ts'
import { createPairsPane } from './pairs/pane.ts'
import { ReportPane } from './report/pane.ts'
import { RolloutsPane } from './rollouts/pane.ts'
import { SessionModel } from './session-model.ts'
import { TrainPane } from './train/pane.ts'
import { TreePane } from './tree/pane.ts'

/** Opens the workbench on the chosen session, which is made when there is none yet. @returns the exit code. */
export async function startWorkbench(words: readonly string[]): Promise<number> {
  const { env } = process
  const config = new Config(env)
  using session = Session.open(chosenSession(sessionFlag(words), config, env), { create: true })
  using model = new SessionModel(session)
  return await openWorkbench({
    model,
    commands: createCommandPort({ session, model, config, env }),
    panes: [
      new RolloutsPane(model),
      new TreePane(model),
      createPairsPane({ model, reviewer: config.reviewer }),
      new TrainPane(model, env),
      new ReportPane(model),
    ],
    stdin: process.stdin,
    stdout: process.stdout,
    env,
    history: readHistory(env).reverse(),
  })
}

function sessionFlag(words: readonly string[]): string | undefined {
  const inline = words.find((word) => word.startsWith('--session='))
  const at = words.indexOf('--session')
  return inline?.slice('--session='.length) ?? (at < 0 ? undefined : words[at + 1])
}
