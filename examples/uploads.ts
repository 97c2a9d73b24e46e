/**
 * Uploads of many payloads, each then waited for, all concurrent.
 *
 * A service takes files, and is busy at times; it stores them later. Every upload is tried again while that may help, no more
 * than eight at once, and each file is waited for until the service says that it is stored.
 */
import { pipe } from 'fp-ts/function'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { Policy, Report, type Rejection, Runner, Schedule } from 'resilience-ts'
import { get, type HttpError, isTransient, put } from './http'
import type { Program, World } from './program'

// -------------------------------------------------------------------------------------
// the policies
// -------------------------------------------------------------------------------------

const Accepted = t.type({ id: t.string }, 'Accepted')
const Stored = t.type({ id: t.string, state: t.literal('stored') }, 'Stored')
type Stored = t.TypeOf<typeof Stored>

/** To PUT the same file twice stores it once, so it may be tried again. */
const uploading = pipe(
  Policy.id<HttpError, unknown>(),
  Policy.ensure(Accepted),
  Policy.timeout(10_000),
  Policy.bulkhead(8, { queue: 100 }), // around each attempt: no permit is held during a backoff
  Policy.retry(pipe(Schedule.exponential(200), Schedule.cap(2000), Schedule.jittered, Schedule.take(5)), {
    while: isTransient
  })
)

/** What is not stored yet does not decode, and is waited for; so is a service that is busy. */
const storing = pipe(
  Policy.id<HttpError, unknown>(),
  Policy.poll(pipe(Schedule.constant(500), Schedule.upTo(60_000)), { until: Stored, waitOut: isTransient })
)

// -------------------------------------------------------------------------------------
// the program
// -------------------------------------------------------------------------------------

type UploadError =
  | HttpError
  | Rejection.BulkheadFull
  | Rejection.DecodeFailed
  | Rejection.Defect
  | Rejection.PollExhausted<unknown>
  | Rejection.TimedOut

export const uploadAll = (
  { service, runtime, say }: World,
  files: ReadonlyArray<{ readonly name: string; readonly content: string }>
): TE.TaskEither<UploadError, ReadonlyArray<Stored>> => {
  const uploads = Runner.make(uploading)(runtime)()
  const stores = Runner.make(storing)(runtime)()
  return pipe(
    files,
    TE.traverseArray(({ name, content }) =>
      pipe(
        uploads.runWith(put(`${service}/files/${name}`, content)),
        TE.chainW(
          ({ id }) =>
            () =>
              stores
                .runReport(get(`${service}/stored/${id}`))()
                .then(told(say, name))
        )
      )
    )
  )
}

const told =
  (say: World['say'], name: string) =>
  <E, A>(report: Report.Report<E, A>): E.Either<E, A> => {
    say(`${name}: ${Report.summary(report)}`)
    return report.result
  }

// -------------------------------------------------------------------------------------
// the service, and what was promised
// -------------------------------------------------------------------------------------

const files = Array.from({ length: 40 }, (_, i) => ({ name: `file-${i}`, content: `content ${i}` }))
const numberOf = (path: string): number => Number(path.split('-').at(-1))

export const uploads: Program<E.Either<UploadError, ReadonlyArray<Stored>>> = {
  name: 'uploads',
  about: 'forty files are uploaded, eight at once, and each is waited for',
  answer: ({ method, path, before }) => {
    const n = numberOf(path)
    // every third is busy at first; storing takes its time
    if (method === 'PUT') {
      return before === 0 && n % 3 === 0
        ? { status: 503, body: 'busy', after: 50 }
        : { status: 202, body: { id: `id-${n}` }, after: 100 }
    }
    const state = before >= n % 4 ? 'stored' : 'waiting'
    return { status: 200, body: { id: `id-${n}`, state } }
  },
  run: (world) => uploadAll(world, files)(),
  promises: (result, requests) => {
    const puts = requests.filter(({ method }) => method === 'PUT')
    const others = Math.max(...puts.map(({ beside }) => beside))
    return {
      'every file is stored': E.isRight(result) && result.right.length === files.length,
      'in the order in which they were given': E.isRight(result) && result.right.every(({ id }, i) => id === `id-${i}`),
      'the busy ones were tried again': puts.length === files.length + 14,
      'all at the same time, eight at the most': others > 0 && others < 8
    }
  }
}
