import type Docker from 'dockerode'
import { EXPIRES_LABEL, OWNER_LABEL, SNAPSHOT_LABEL } from './docker-container.ts'
import { engineError, engineStatus } from './engine-error.ts'
import { isOrphan } from './owner.ts'

/**
 * Removes containers and snapshot images of ours whose owner is dead or whose time is over.
 *
 * @returns how many. @throws SandboxError `engine`.
 */
export async function sweepDocker(docker: Docker): Promise<number> {
  let removed = 0
  try {
    const containers = await docker.listContainers({ all: true, filters: { label: [OWNER_LABEL] } })
    for (const { Id, Labels } of containers)
      if (isOrphan(Labels[OWNER_LABEL], Labels[EXPIRES_LABEL]) && (await removeContainer(docker, Id))) removed++
    const images = await docker.listImages({ filters: { label: [SNAPSHOT_LABEL] } })
    // Newer first: an image that another was made from can only go after it.
    images.sort((a, b) => b.Created - a.Created)
    for (const { Id, Labels } of images)
      if (isOrphan(Labels?.[OWNER_LABEL], Labels?.[EXPIRES_LABEL]) && (await removeImage(docker, Id))) removed++
    return removed
  } catch (error) {
    throw engineError(error, 'list what it runs')
  }
}

/** @returns `false` when it was already gone or is being removed. */
export async function removeContainer(docker: Docker, id: string): Promise<boolean> {
  try {
    await docker.getContainer(id).remove({ force: true, v: true })
    return true
  } catch (error) {
    if (engineStatus(error) === 404 || engineStatus(error) === 409) return false
    throw engineError(error, 'remove a container')
  }
}

/** @returns `false` when it was already gone, or something still stands on it (a later sweep removes it). */
export async function removeImage(docker: Docker, id: string): Promise<boolean> {
  try {
    await docker.getImage(id).remove({ force: true })
    return true
  } catch (error) {
    if (engineStatus(error) === 404 || engineStatus(error) === 409) return false
    throw engineError(error, 'remove a snapshot')
  }
}
