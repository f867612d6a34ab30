import type { Sandbox, SandboxProvider } from '../../src/sandbox/sandbox.ts'

/** A real provider, counting the Sandboxes it made and those still open. */
export function counting(provider: SandboxProvider): SandboxProvider & { made: number; open: number } {
  const counts = { made: 0, open: 0 }
  return Object.assign(counts, {
    kind: provider.kind,
    create: async (...words: Parameters<SandboxProvider['create']>): Promise<Sandbox> => {
      const sandbox = await provider.create(...words)
      counts.made++
      counts.open++
      const close = sandbox.close.bind(sandbox)
      sandbox.close = async () => {
        counts.open--
        await close()
      }
      return sandbox
    },
    sweep: () => provider.sweep(),
    describe: () => provider.describe(),
    close: () => Promise.resolve(),
  })
}
