/** The adapters read a vocabulary, not the values that happen to occur: more of it, with results worked out by hand. */
import { adapters } from '../adapters'
import { inTheShapeOf, rounded } from '../compare'
import type { Fields, Json } from '../json'
import type { System } from '../question'

export const err = (err: string, msg?: string): Fields => ({ err, ...(msg === undefined ? {} : { msg }) })

export const failing: Json = [err('ValueError')]

export type Case = readonly [feature: string, params: Fields, input: Fields, expected: Json]

/** Ours does this, as theirs would: no difference has anything to say of it. */
export const itPlays = (system: System, cases: ReadonlyArray<Case>): void => {
  describe(system, () => {
    it.each(cases)('%s %j %j', async (feature, params, input, expected) => {
      const answer = await adapters[system]({ system, feature, params, input })
      expect(rounded(inTheShapeOf(expected, answer))).toEqual(rounded(expected))
      if (answer.differs !== undefined) expect(rounded(answer.differs.instead(expected))).toEqual(rounded(expected))
    })
  })
}

export type Differing = readonly [
  because: string,
  feature: string,
  params: Fields,
  input: Fields,
  theirs: Json,
  ours: unknown
]

/** Where theirs does the one, ours does the other. */
export const itDiffers = (system: System, cases: ReadonlyArray<Differing>): void => {
  describe(`${system}, and ours on purpose`, () => {
    it.each(cases)('%s: %s %j %j', async (because, feature, params, input, theirs, ours) => {
      const answer = await adapters[system]({ system, feature, params, input })
      expect(answer.differs?.because).toBe(because)
      expect(rounded(answer.differs?.instead(theirs))).toEqual(rounded(ours))
      expect(rounded(inTheShapeOf(ours, answer))).toEqual(rounded(ours))
    })
  })
}
