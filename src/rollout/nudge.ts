import type { MessageFacts } from './profile.ts'

/** What a Policy is told whose reply ran in circles and was ended while it streamed. */
export const CHANTING_FEEDBACK =
  'ERROR:\nYour last reply repeated the same text over and over and was cut off. Nothing was run. Say in one sentence what ' +
  'you know, then make one tool call that brings the task forward.'

/** Why such a reply is malformed. */
export const CHANTING_REASON = 'the reply repeated the same text over and over and was ended early'

const OPENING: Record<MessageFacts['shape'], string> = {
  text: 'Please go on with the task in whatever way you think is right.',
  empty: 'Your last reply was empty. Every reply has to call one of the tools.',
  cut: 'Your last reply reached the length limit before it called a tool. Write less and call a tool.',
}

const ALONE = 'Nobody reads along: never ask a person for help.'

/**
 * The automatic user's answer to a reply without a call: go on, finish when done, never ask. From the second one in a row it
 * says that giving up is allowed (the meaning of OpenHands `evaluation/utils/shared.py`, in our own words).
 */
export function messageNudge({ count, shape }: MessageFacts): string {
  const giveUp = count >= 2 ? '\nIf you cannot get any further, you may give up by calling the finish tool.' : ''
  return `${OPENING[shape]}\nIf you think the task is done, call the finish tool.\n${ALONE}${giveUp}`
}
