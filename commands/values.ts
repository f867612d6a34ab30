import { existsSync } from 'node:fs'
import { listSessions } from '../sessions/place.ts'
import { Session } from '../sessions/session.ts'
import { EXPORTERS } from '../src/exporters/formats.ts'
import { IMPORTERS } from '../src/importers/registry.ts'
import { Analysis } from '../sessions/analysis.ts'
import type { ValueSource } from './complete.ts'

/** Completion values read from the user's sessions; whatever goes wrong, there are simply none. */
export function sessionValues(path: () => string, env: NodeJS.ProcessEnv, analysis?: () => Analysis): ValueSource {
  return (argument) => {
    try {
      if (argument === 'session' || argument === 'name') return listSessions(env).map(({ name }) => name)
      if (argument === 'format')
        return [...EXPORTERS.map(({ format }) => format), ...IMPORTERS.map(({ format }) => format)]
      if (argument === 'run') return withSession(path(), ({ runs }) => runs.list().map(({ id }) => `r${id}`))
      if (argument !== 'task' && argument !== 'pair') return []
      return analysis
        ? read(analysis(), argument)
        : withSession(path(), (session) => read(new Analysis(session), argument))
    } catch {
      return []
    }
  }
}

function withSession(path: string, work: (session: Session) => readonly string[]): readonly string[] {
  if (!existsSync(path)) return []
  using session = Session.open(path)
  return work(session)
}

function read(analysis: Analysis, argument: 'task' | 'pair'): readonly string[] {
  return argument === 'task' ? analysis.tasks() : [...analysis.pairs()].map(({ id }) => id)
}
