// Owns one Sandbox with programs running in it until it is killed: `node owner.ts KIND FOLDER IMAGE`.
import { createDockerProvider } from '../../../src/sandbox/docker.ts'
import { createLocalProvider } from '../../../src/sandbox/local.ts'
import { DEFAULT_SANDBOX_LIMITS } from '../../../src/sandbox/sandbox.ts'

const [kind, folder = '', image = ''] = process.argv.slice(2)
const provider =
  kind === 'docker' ? createDockerProvider() : createLocalProvider({ folder, bubblewrap: kind === 'bubblewrap' })
const sandbox = await provider.create({
  image,
  workdir: '/testbed',
  files: { 'a.txt': 'text' },
  network: false,
  variables: {},
  limits: DEFAULT_SANDBOX_LIMITS,
  labels: { session: folder, job: 'job', role: 'agent', task: 'task', run: '1' },
  trusted: true,
})
const shell = await sandbox.shell()
// The sleepers' length tells them from all others on this machine.
await shell.run(`sleep 98${process.pid} & sleep 98${process.pid}`, { timeoutMs: 100, maxBytes: 1000 })
await sandbox.exec(`sleep 98${process.pid} & true`, { timeoutMs: 5000, maxBytes: 1000 })
const snapshot = await sandbox.snapshot()
process.stdout.write(`${JSON.stringify({ id: sandbox.id, snapshot: snapshot.reference })}\n`)
setInterval(() => undefined, 1000)
