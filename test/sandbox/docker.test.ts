import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { join } from 'node:path'
import Docker from 'dockerode'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createDockerProvider } from '../../src/sandbox/docker.ts'
import { testImage } from '../engine.ts'
import { temporaryFolder } from '../sessions/temporary.ts'
import { docker as place, exec, sandboxIn, spec, wait } from './places.ts'

const engine = await testImage()

describe('an engine that does not serve', () => {
  test('one that does not answer is named with what to start', async () => {
    const provider = createDockerProvider({ socketPath: join(temporaryFolder(), 'no.sock') })
    const fault = {
      fault: 'engine',
      message: expect.stringContaining('no container engine answers'),
      hint: expect.stringContaining('Podman'),
    }
    await expect(provider.create(spec({ image: 'debian' }))).rejects.toMatchObject(fault)
    await expect(provider.sweep()).rejects.toMatchObject(fault)
    await expect(provider.describe()).rejects.toMatchObject(fault)
  })

  test('its own words are kept when it fails, and a full disk is told apart', async () => {
    const socketPath = join(temporaryFolder(), 'engine.sock')
    let message = 'something broke\nin detail'
    const server = createServer((_request, response) => {
      response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ message }))
    })
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    onTestFinished(() => void server.close())
    const provider = createDockerProvider({ socketPath })
    await expect(provider.create(spec({ image: 'debian' }))).rejects.toMatchObject({
      fault: 'engine',
      message: 'the container engine could not start a container of debian: something broke',
    })
    message = 'write /var/lib/docker/x: no space left on device'
    await expect(provider.create(spec({ image: 'debian' }))).rejects.toMatchObject({ fault: 'disk' })
  })

  test('a task without an image is refused before the engine is asked', async () => {
    const { image: _image, ...rest } = spec()
    await expect(createDockerProvider().create(rest)).rejects.toMatchObject({ fault: 'image' })
  })
})

describe.skipIf(!engine.available)(`containers${engine.note}`, { timeout: 60_000 }, () => {
  const docker = new Docker()

  test('an image that is not there is named, never pulled', async () => {
    const image = 'sealign-nowhere/nothing:0'
    await expect(sandboxIn(place, { image })).rejects.toMatchObject({
      fault: 'image',
      message: `the image ${image} is not on this machine`,
      hint: expect.stringContaining(`docker pull ${image}`),
    })
  })

  test('an image without the tools is named', async () => {
    const image = 'sealign-test-empty:1'
    execFileSync('docker', ['import', '-', image], { input: execFileSync('tar', ['-c', '-T', '/dev/null']) })
    onTestFinished(() => void execFileSync('docker', ['rmi', '-f', image]))
    await expect(sandboxIn(place, { image })).rejects.toMatchObject({ fault: 'image' })
    await expect
      .poll(() => docker.listContainers({ all: true, filters: { ancestor: [image] } }), { timeout: 5000 })
      .toEqual([])
  })

  test('a container is hardened, limited, labelled, and says how to enter it', async () => {
    const sandbox = await sandboxIn(place, { limits: { cpus: 1.5, memoryBytes: 300_000_000, processes: 77 } })
    const { HostConfig, Config, Mounts } = await docker.getContainer(sandbox.id).inspect()
    expect(HostConfig).toMatchObject({
      AutoRemove: true,
      Init: true,
      NetworkMode: 'none',
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 77,
      Memory: 300_000_000,
      MemorySwap: 300_000_000,
      NanoCpus: 1_500_000_000,
    })
    expect(Mounts).toEqual([])
    expect(Config.Labels).toMatchObject({
      'sealign.role': 'check',
      'sealign.owner': expect.stringContaining(`:${process.pid}:`),
    })
    expect(sandbox.attachCommand()).toEqual(['docker', 'exec', '-it', '-w', '/testbed', sandbox.id, 'bash'])
    expect(await place.provider().describe()).toMatch(/^Docker \d/)
  })

  test('a container killed in the middle of a command ends it as `gone`', async () => {
    const sandbox = await sandboxIn(place)
    const shell = await sandbox.shell()
    const running = [
      shell.run('sleep 100', wait()),
      exec(sandbox, 'sleep 100'),
      sandbox.readFile('/dev/../proc/kmsg', 10),
    ]
    const ends = Promise.allSettled(running)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await docker.getContainer(sandbox.id).kill()
    const [inShell, oneShot] = await ends
    for (const end of [inShell, oneShot])
      expect(end).toMatchObject({ status: 'rejected', reason: { name: 'SandboxError', fault: 'gone' } })
    for (const later of [() => exec(sandbox, 'true'), () => sandbox.readFile('x', 1), () => sandbox.snapshot()])
      await expect(later()).rejects.toMatchObject({ fault: 'gone' })
    await sandbox.close()
  })

  test('it removes itself when its time is over, whoever lives', async () => {
    const provider = createDockerProvider({ ttlMs: 1000 })
    const sandbox = await provider.create(spec())
    for (let n = 0; n < 100; n++) {
      const there = await docker
        .getContainer(sandbox.id)
        .inspect()
        .then(
          () => true,
          () => false,
        )
      if (!there) break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await expect(exec(sandbox, 'true')).rejects.toMatchObject({ fault: 'gone' })
    await provider.close()
  })

  test('a snapshot holds the files, costs less than a second, and is gone when removed', async () => {
    const provider = place.provider()
    const first = await provider.create(spec({ files: { 'a.txt': 'one' } }))
    await exec(first, 'echo t >/tmp/t; mkdir /new; echo n >/new/n; chmod 600 a.txt')
    const begun = performance.now()
    const snapshot = await first.snapshot()
    const second = await provider.create(spec({ from: snapshot }))
    expect((await exec(second, 'cat a.txt /tmp/t /new/n; stat -c %a a.txt; pwd')).output).toBe(
      'onet\nn\n600\n/testbed\n',
    )
    expect(performance.now() - begun).toBeLessThan(5000)
    const labels = (await docker.getImage(snapshot.reference).inspect()).Config.Labels
    expect(labels).toMatchObject({
      'sealign.snapshot': 'true',
      'sealign.owner': expect.stringContaining(`:${process.pid}:`),
    })
    await second.close()
    await snapshot.remove()
    await snapshot.remove()
    await expect(provider.create(spec({ from: snapshot }))).rejects.toMatchObject({ fault: 'image' })
  })

  test('more Sandboxes than may start at once all start', async () => {
    const provider = createDockerProvider({ starting: 2 })
    const sandboxes = await Promise.all([1, 2, 3, 4, 5].map(() => provider.create(spec())))
    const outputs = await Promise.all(sandboxes.map((sandbox, n) => exec(sandbox, `echo ${n}`)))
    expect(outputs.map(({ output }) => output.trim())).toEqual(['0', '1', '2', '3', '4'])
    await provider.close()
    for (const { id } of sandboxes)
      await expect(docker.getContainer(id).inspect()).rejects.toMatchObject({ statusCode: 404 })
  })

  test('an aborted start leaves no container', async () => {
    const before = (await docker.listContainers({ all: true, filters: { label: [`sealign.session=/aborted`] } })).length
    const signal = AbortSignal.timeout(20)
    const labels = { session: '/aborted', job: 'test', role: 'check', task: 't', run: '1' } as const
    await expect(place.provider().create(spec({ labels }), signal)).rejects.toThrow('aborted')
    await new Promise((resolve) => setTimeout(resolve, 300))
    const after = await docker.listContainers({ all: true, filters: { label: ['sealign.session=/aborted'] } })
    expect(after.length).toBe(before)
  })

  test('what it may not write is refused to the writer, nobody else', async () => {
    const sandbox = await sandboxIn(place)
    expect((await exec(sandbox, 'head -c 1000 /dev/zero >/dev/full')).exitCode).not.toBe(0)
    await exec(sandbox, 'mkdir small')
    await expect(sandbox.writeFile('/proc/sys/x', 'x')).rejects.toMatchObject({ name: 'SandboxFileError' })
  })
})
