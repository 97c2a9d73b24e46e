import { readFileSync } from 'fs'
import { join } from 'path'
import * as aioretry from './aioretry'
import * as article from './article'
import * as kaioretry from './kaioretry'
import * as poll from './poll'
import * as tenacity from './tenacity'
import { type Adapter, rounded, spokenOf, type System, vectors } from './vector'
import * as waitFor from './wait_for'

// numbers that five systems and an article gave, under a virtual clock and with scripted chance; ours has to give the same, or
// to differ as its page says

const adapters: Readonly<Record<System, Adapter>> = {
  tenacity: tenacity.conform,
  wait_for: waitFor.conform,
  aioretry: aioretry.conform,
  kaioretry: kaioretry.conform,
  poll: poll.conform,
  article: article.conform
}

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

  it.each(vectors.map((vector) => [`${vector.id} (${vector.parity}): ${vector.feature}`, vector] as const))(
    '%s',
    async (_name, vector) => {
      const { expected, parity, system } = vector
      const { ours, instead, because } = await adapters[system](vector)
      const said = parity === 'match' ? expected : instead
      expect(rounded(spokenOf(said, ours))).toEqual(rounded(said))
      if (parity !== 'match') {
        // a difference is one, and the page says so
        expect(rounded(spokenOf(said, ours))).not.toEqual(rounded(expected))
        expect(differences(system)).toContain(because)
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
