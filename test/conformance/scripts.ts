/** Questions of several runs: each is played by itself, and the answers are one list. */
import { isList, list } from './json'
import { inTurn } from './play'
import type { Adapter, Answer } from './question'

export const together = (answers: ReadonlyArray<Answer>): Answer => {
  const ours = answers.map((answer) => answer.ours)
  const because = answers.find(({ differs }) => differs !== undefined)?.differs?.because
  if (because === undefined) return { ours }
  return {
    ours,
    differs: {
      because,
      instead: (theirs) => (isList(theirs) ? theirs.map((one, i) => answers[i]?.differs?.instead(one) ?? one) : theirs)
    }
  }
}

/** Of each of the `scripts`; or of the only one, which is called `calls`. */
export const ofEachScript =
  (adapter: Adapter): Adapter =>
  async (question) => {
    const { scripts, ...input } = question.input
    return scripts === undefined
      ? adapter(question)
      : together(await inTurn(list(scripts), (calls) => adapter({ ...question, input: { ...input, calls } })))
  }
