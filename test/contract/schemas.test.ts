import { describe, expect, it } from 'vitest'
import { CONTRACT, schemaText } from './contract.ts'

describe('trainer/contract', () => {
  it.each(CONTRACT)('holds $name.schema.json as zod says it (npm run contract writes it anew)', async (part) => {
    await expect(schemaText(part)).toMatchFileSnapshot(`../../trainer/contract/${part.name}.schema.json`)
  })
})
