import { SealignError } from '../src/domain/errors.ts'
import { STUCK_RULES, type StuckRule } from '../src/rollout/stuck.ts'

/** Rules switched or given another threshold by `--rule` words. @throws SealignError `usage` when a word is not `RULE=off`, `RULE=on` or `RULE=ROUNDS`. */
export function stuckRules(command: string, words: readonly string[]): Partial<Record<StuckRule, boolean | number>> {
  const rules: Partial<Record<StuckRule, boolean | number>> = {}
  for (const word of words) {
    const match = /^([a-z-]{1,40})=(?:(on|off)|(\d{1,9}))$/.exec(word)
    const rule = STUCK_RULES.find((known) => known === match?.[1])
    if (match === null || rule === undefined)
      throw new SealignError(
        'usage',
        `${command}: --rule ${JSON.stringify(word)}: expected RULE=off, RULE=on or RULE=ROUNDS`,
        {
          hint: `Rules: ${STUCK_RULES.join(', ')}.`,
        },
      )
    rules[rule] = match[3] === undefined ? match[2] === 'on' : Number(match[3])
  }
  return rules
}
