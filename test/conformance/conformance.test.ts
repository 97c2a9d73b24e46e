import { readdirSync, readFileSync } from 'fs'
import { join } from 'path'
import { adapters } from './adapters'
import { inTheShapeOf, rounded } from './compare'
import type { System } from './question'
import { vectors } from './vector'

// numbers that five systems and an article gave, under a virtual clock and with scripted chance; ours has to give the same, or
// to differ as its page says

const pages: Readonly<Record<System, string>> = {
  tenacity: 'coming-from-tenacity.md',
  wait_for: 'coming-from-wait_for.md',
  aioretry: 'coming-from-aioretry.md',
  kaioretry: 'coming-from-kaioretry.md',
  poll: 'coming-from-poll.md',
  article: 'coming-from-a-loop.md'
}

/** What a page says in bold: where ours differs on purpose. */
const differences = (system: System): ReadonlyArray<string | undefined> =>
  [...readFileSync(join(__dirname, '..', '..', 'docs', pages[system]), 'utf8').matchAll(/\*\*([^*]+)\*\*/g)].map(
    ([, phrase]) => phrase
  )

describe('conformance', () => {
  let ran = 0

  it.each(vectors.map((vector) => [`${vector.id} (${vector.parity}): ${vector.question.feature}`, vector] as const))(
    '%s',
    async (_name, { question, expected, parity }) => {
      const answer = await adapters[question.system](question)
      const { differs } = answer
      const instead = differs === undefined ? expected : differs.instead(expected)
      const said = parity === 'match' ? expected : instead
      expect(rounded(inTheShapeOf(said, answer))).toEqual(rounded(said))
      if (parity === 'match') {
        // nothing of what is spoken of has to differ
        expect(rounded(instead)).toEqual(rounded(expected))
      } else {
        // a difference is one, and the page says so
        expect(rounded(inTheShapeOf(said, answer))).not.toEqual(rounded(expected))
        expect(differences(question.system)).toContain(differs?.because)
      }
      ran++
    }
  )

  it('ran every vector there is', () => {
    expect(ran).toBe(vectors.length)
    expect(vectors.length).toBe(104)
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(104)
  })
})

describe('an adapter', () => {
  it('is asked a question, and is not told the answer', () => {
    for (const { question } of vectors)
      expect(Object.keys(question).sort()).toEqual(['feature', 'input', 'params', 'system'])
  })

  it('cannot look it up: only tests read the vectors', () => {
    const modules = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'vector.ts'
    )
    expect(modules).toEqual(expect.arrayContaining(['adapters.ts', 'poll.ts', join('tenacity', 'policy.ts')]))
    for (const name of modules)
      expect(readFileSync(join(__dirname, name), 'utf8')).not.toMatch(/'(.*\/vector|fs|node:fs)'|seed-vectors/)
  })
})
