import type { ContainerCreateOptions } from 'dockerode'
import { ownerLabel } from './owner.ts'
import { DETERMINISTIC_VARIABLES, type SandboxLabels, type SandboxSpec } from './sandbox.ts'

/** Marks containers and images as ours, and says whose they are. */
export const OWNER_LABEL = 'sealign.owner'
/** Milliseconds since 1970 after which a sweep may remove it, whoever owns it. */
export const EXPIRES_LABEL = 'sealign.expires'
/** Marks an image as a snapshot of ours. */
export const SNAPSHOT_LABEL = 'sealign.snapshot'

/** What package installers and test suites of root images need; everything else is dropped. */
const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETUID', 'SETGID', 'KILL']
/** An engine that is itself limited refuses more than it has. */
const OPEN_FILES = 4096
const SHARED_MEMORY_BYTES = 256 * 1024 ** 2

/**
 * The container of a Sandbox: no network unless asked for, no capability but a few, no mounts, hard limits; its main process
 * sleeps until `ttlMs` is over, after which the engine removes it even when nobody is left to ask for that.
 */
export function containerOptions(spec: SandboxSpec, image: string, ttlMs: number): ContainerCreateOptions {
  const { cpus, memoryBytes, processes } = spec.limits
  const variables = { ...DETERMINISTIC_VARIABLES, ...spec.variables }
  return {
    Image: image,
    Entrypoint: ['sleep'],
    Cmd: [String(Math.ceil(ttlMs / 1000))],
    WorkingDir: spec.workdir,
    Hostname: 'sandbox',
    Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    Labels: labels(spec.labels, ttlMs),
    NetworkDisabled: !spec.network,
    HostConfig: {
      AutoRemove: true,
      Init: true,
      NetworkMode: spec.network ? 'bridge' : 'none',
      CapDrop: ['ALL'],
      CapAdd: CAPABILITIES,
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: processes,
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      NanoCpus: Math.round(cpus * 1e9),
      ShmSize: SHARED_MEMORY_BYTES,
      LogConfig: { Type: 'none', Config: {} },
      Ulimits: [
        { Name: 'nofile', Soft: OPEN_FILES, Hard: OPEN_FILES },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
    },
  }
}

/** Labels by which orphans are found and people see what a container is for. */
export function labels(given: SandboxLabels, ttlMs: number): Record<string, string> {
  const { session, job, role, task, run } = given
  return {
    [OWNER_LABEL]: ownerLabel(),
    [EXPIRES_LABEL]: String(Date.now() + ttlMs),
    'sealign.session': session,
    'sealign.job': job,
    'sealign.role': role,
    'sealign.task': task,
    'sealign.run': run,
  }
}
