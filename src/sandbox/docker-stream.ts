import type { Container } from 'dockerode'
import { engineError } from './engine-error.ts'
import { FrameParser } from './frames.ts'
import type { SandboxStream, StreamEvents } from './stream.ts'

/** Some engines never close the stream of a command that ended; its state is asked for now and then. */
const POLL_MS = 15_000

/**
 * Starts a bash in a container over a hijacked connection. Closing that connection is the end of its stdin, which ends bash.
 *
 * @throws SandboxError `engine`, `gone`.
 */
export async function openDockerStream(container: Container, events: StreamEvents): Promise<SandboxStream> {
  try {
    const exec = await container.exec({
      Cmd: ['bash', '--noprofile', '--norc'],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
    })
    const socket = await exec.start({ hijack: true, stdin: true, Tty: false })
    let ended = false
    const end = (): void => {
      if (ended) return
      ended = true
      clearInterval(poll)
      socket.destroy()
      events.end()
    }
    const poll = setInterval(() => {
      exec.inspect().then(({ Running }) => {
        if (!Running) end()
      }, end)
    }, POLL_MS).unref()
    const frames = new FrameParser((chunk) => events.data(chunk))
    socket.on('data', (chunk: Buffer) => {
      try {
        frames.push(chunk)
      } catch {
        end()
      }
    })
    socket.on('error', end)
    socket.on('end', end)
    socket.on('close', end)
    return {
      write(data) {
        if (!socket.destroyed && socket.writable) socket.write(data)
      },
      close: end,
      complaint: () => '',
    }
  } catch (error) {
    throw engineError(error, 'start bash in the container')
  }
}
