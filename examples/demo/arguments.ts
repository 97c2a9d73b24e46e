/**
 * What the demo was asked for on the command line.
 */
import { parseArgs } from 'node:util'
import { sequenceS } from 'fp-ts/Apply'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as RA from 'fp-ts/ReadonlyArray'

export type Command =
  | { readonly _tag: 'Help' }
  | { readonly _tag: 'Play' }
  | { readonly _tag: 'Poll'; readonly url: string; readonly every: number; readonly timeout: number }

export const usage = `
npm run demo                       plays all scenarios against a service that misbehaves
npm run demo -- --url <url> ...    polls any URL until its JSON is a job that is done

  --url <url>      what to GET: http or https
  --every <ms>     how long to wait between two calls: 1000 unless given
  --timeout <ms>   when to give up: after 60000 unless given
  --help           shows this text

A job that is done is { "id": string, "status": "done", "result": string }; there may be more in it.
Until then any other answer, and any failure, means "not yet".

Ends with 0 if every promise was kept, or the job is done; with 1 if not; with 2 if it was asked for wrongly.`

type Checked<A> = E.Either<ReadonlyArray<string>, A>

const options = {
  url: { type: 'string' },
  every: { type: 'string' },
  timeout: { type: 'string' },
  help: { type: 'boolean', short: 'h' }
} as const

/** What parseArgs throws is a sentence on what is wrong, and more of them on what to do about options in general. */
const firstSentence = (thrown: unknown): ReadonlyArray<string> => [
  (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\.\s.*/s, '')
]

const http = (text: string): Checked<string> => {
  const wrong = (allowed: string) => E.left([`--url is ${JSON.stringify(text)}; allowed: ${allowed}`])
  if (!URL.canParse(text)) return wrong('an absolute URL, like http://localhost:8080/jobs/1')
  const { protocol, username, password, href } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:') return wrong('one that begins with http:// or https://')
  if (username !== '' || password !== '') return wrong('one without a user and a password')
  return E.right(href)
}

const millis =
  (name: string) =>
  (text: string): Checked<number> => {
    const n = text.trim() === '' ? NaN : Number(text)
    return n > 0 && Number.isFinite(n)
      ? E.right(n)
      : E.left([`--${name} is ${JSON.stringify(text)}; allowed: milliseconds, more than 0`])
  }

/** All that is wrong, or what is to be done. */
export const parse = (args: ReadonlyArray<string>): Checked<Command> =>
  pipe(
    E.tryCatch(() => parseArgs({ args: [...args], options }).values, firstSentence),
    E.chain(({ url, every, timeout, help }): Checked<Command> => {
      if (help === true) return E.right({ _tag: 'Help' })
      if (url !== undefined)
        return pipe(
          sequenceS(E.getApplicativeValidation(RA.getSemigroup<string>()))({
            url: http(url),
            every: millis('every')(every ?? '1000'),
            timeout: millis('timeout')(timeout ?? '60000')
          }),
          E.map((checked) => ({ _tag: 'Poll', ...checked }))
        )
      return every === undefined && timeout === undefined
        ? E.right({ _tag: 'Play' })
        : E.left(['--every and --timeout are for a --url'])
    })
  )
