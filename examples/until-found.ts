/**
 * Poll until a resource no longer answers 404.
 *
 * A report is ordered, and is not there yet. That is waited out; every other failure is the answer at once.
 */
import { pipe } from 'fp-ts/function'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import * as t from 'io-ts'
import { Duration, Policy, type Rejection, Report, Runner, Schedule } from 'resilience-ts'
import { get, type HttpError } from './http'
import type { Program, World } from './program'

const Sales = t.type({ title: t.string, rows: t.array(t.number) }, 'Sales')
type Sales = t.TypeOf<typeof Sales>

const isNotFound = (error: HttpError): boolean => error._tag === 'Status' && error.status === 404

/** Every two seconds, for a minute at the most; what is there must be what was ordered. */
export const untilFound = pipe(
  Policy.id<HttpError, unknown>(),
  Policy.poll(pipe(Schedule.constant(Duration.millis('2s')), Schedule.upTo(Duration.millis('1m'))), {
    until: Sales,
    invalid: 'fail',
    waitOut: isNotFound
  })
)

type Answer = E.Either<HttpError | Rejection.DecodeFailed | Rejection.Defect | Rejection.PollExhausted<unknown>, Sales>

interface Answers {
  readonly ready: Answer
  readonly forbidden: Answer
  readonly never: Answer
}

const order = async ({ service, runtime, say }: World): Promise<Answers> => {
  const { runReport } = Runner.make(untilFound)(runtime)()
  const ask = async (name: string): Promise<Answer> => {
    const report = await runReport(get(`${service}/reports/${name}`))()
    say(`${name}: ${Report.summary(report)}`)
    return report.result
  }
  const [ready, forbidden, never] = await Promise.all([ask('ready'), ask('forbidden'), ask('never')])
  return { ready, forbidden, never }
}

const sales: Sales = { title: 'sales', rows: [1, 2, 3] }

export const found: Program<Answers> = {
  name: 'until-found',
  about: 'a report is waited for until it no longer answers 404',
  answer: ({ path, before }) => {
    if (path === '/reports/forbidden') return { status: 403, body: 'not for you' }
    if (path === '/reports/ready' && before === 3) return { status: 200, body: sales }
    return { status: 404, body: 'not yet' }
  },
  run: order,
  promises: ({ ready, forbidden, never }, requests) => {
    const times = (name: string) => requests.filter(({ path }) => path === `/reports/${name}`)
    const [first, , , last] = times('ready')
    return {
      'the report was waited for': E.isRight(ready) && ready.right.rows.length === 3,
      'four requests, two seconds apart': times('ready').length === 4 && (last?.at ?? 0) - (first?.at ?? 0) >= 5900,
      'another failure is the answer at once':
        times('forbidden').length === 1 && E.isLeft(forbidden) && forbidden.left._tag === 'Status',
      'what never comes ends after a minute, with the 404':
        E.isLeft(never) &&
        never.left._tag === 'PollExhausted' &&
        never.left.reason._tag === 'Within' &&
        pipe(
          never.left.error,
          O.exists((error) => isNotFound(error as HttpError))
        ),
      'and is asked for no oftener than that': times('never').length > 1 && times('never').length <= 31
    }
  }
}
