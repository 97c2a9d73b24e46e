/**
 * Retry until a 200 whose decoded body has a given value, with an asynchronous validator.
 *
 * A text is published in parts. It is asked for until it is said to be complete, and its checksum, which takes a while to be
 * computed, is right.
 */
import { webcrypto } from 'node:crypto'
import { pipe } from 'fp-ts/function'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { Policy, type Rejection, Report, Runner, Schedule } from 'resilience-ts'
import { get, type HttpError, isTransient } from './http'
import type { Program, World } from './program'

const Published = t.type({ state: t.string, text: t.string, sha256: t.string }, 'Published')
type Published = t.TypeOf<typeof Published>

/** What came is not what is asked for, and why. */
interface NotValid {
  readonly _tag: 'NotValid'
  readonly why: string
}

const digest = (text: string) => async (): Promise<string> =>
  Buffer.from(await webcrypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).toString('hex')

const isWhole = (published: Published): TE.TaskEither<NotValid, Published> =>
  pipe(
    TE.fromTask(digest(published.text)),
    TE.filterOrElse(
      (found) => found === published.sha256,
      (): NotValid => ({ _tag: 'NotValid', why: 'its checksum is wrong' })
    ),
    TE.map(() => published),
    TE.filterOrElse(
      ({ state }) => state === 'complete',
      ({ state }): NotValid => ({ _tag: 'NotValid', why: `it is ${state}` })
    )
  )

export const untilValid = pipe(
  Policy.id<HttpError, unknown>(),
  Policy.ensure(Published),
  Policy.ensureWith(isWhole),
  Policy.retry(pipe(Schedule.exponential(1000), Schedule.additiveJitter(0, 1000), Schedule.take(5)), {
    while: isTransient
  })
)

type Answer = E.Either<HttpError | NotValid | Rejection.DecodeFailed | Rejection.Defect, Published>

interface Answers {
  readonly whole: Answer
  readonly missing: Answer
  readonly never: Answer
}

const read = async ({ service, runtime, say }: World): Promise<Answers> => {
  const { runReport } = Runner.make(untilValid)(runtime)()
  const ask = async (name: string): Promise<Answer> => {
    const report = await runReport(get(`${service}/texts/${name}`))()
    say(`${name}: ${Report.summary(report)}`)
    return report.result
  }
  const [whole, missing, never] = await Promise.all([ask('whole'), ask('missing'), ask('never')])
  return { whole, missing, never }
}

const published = (
  state: string,
  sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
): Published => ({
  state,
  text: 'hello',
  sha256
})

export const valid: Program<Answers> = {
  name: 'until-valid',
  about: 'a text is asked for until it is complete, and its checksum is right',
  answer: ({ path, before }) => {
    if (path === '/texts/missing') return { status: 404, body: 'no such text' }
    if (path === '/texts/never') return { status: 200, body: published('in parts') }
    switch (before) {
      case 0:
        return { status: 503, body: 'busy' }
      case 1:
        return { status: 200, body: { state: 'complete' } }
      case 2:
        return { status: 200, body: published('complete', 'none') }
      case 3:
        return { status: 200, body: published('in parts') }
      default:
        return { status: 200, body: published('complete') }
    }
  },
  run: read,
  promises: ({ whole, missing, never }, requests) => {
    const times = (name: string) => requests.filter(({ path }) => path === `/texts/${name}`).length
    return {
      'it was asked for until it was valid':
        E.isRight(whole) && whole.right.state === 'complete' && times('whole') === 5,
      'a 404 is the answer at once': E.isLeft(missing) && missing.left._tag === 'Status' && times('missing') === 1,
      'the last failure is the answer, and its cause is kept':
        E.isLeft(never) && never.left._tag === 'NotValid' && never.left.why === 'it is in parts' && times('never') === 6
    }
  }
}
