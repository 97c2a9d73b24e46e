/** kaioretry, in our terms: a `growing` delay, as many as there are tries left, for some errors. */
import { type Event, Policy, Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import { isA, isRaised, type Raised, raised } from './exceptions'
import { lineOf, type Lines, linesOf, play, type Played } from './play'
import { type Adapter, type Fields, isList, list, ms, numbers, seconds, text, type Vector } from './vector'

interface Settings {
  readonly exceptions: ReadonlyArray<string>
  /** Total calls; below 0 for ever. */
  readonly tries: number
  readonly delay: Schedule.Growth
}

const settingsOf = (params: Fields): Settings => {
  const { jitter = 0 } = params
  return {
    exceptions: list(params['exceptions'] ?? 'Exception').map(text),
    tries: Number(params['tries'] ?? -1),
    delay: {
      first: ms(params['delay'] ?? 0),
      factor: Number(params['backoff'] ?? 1),
      plus: isList(jitter) ? [ms(jitter[0]), ms(jitter[1])] : ms(jitter),
      between: [ms(params['min_delay'] ?? 0), params['max_delay'] == null ? Infinity : ms(params['max_delay'])]
    }
  }
}

const kaioretry = ({ exceptions, tries, delay }: Settings) => {
  const schedule = Schedule.growing(delay)
  return pipe(
    Policy.id<Raised, unknown>(),
    Policy.retry(tries < 0 ? schedule : pipe(schedule, Schedule.take(tries - 1)), { while: isA(...exceptions) })
  )
}

// -------------------------------------------------------------------------------------
// what was seen
// -------------------------------------------------------------------------------------

const outcome = (result: Played<Raised, unknown>['result']): object => {
  if (result._tag === 'Right') return { ok: result.right }
  return isRaised(result.left) ? { err: result.left.type } : { err: 'ValueError', kind: result.left.kind }
}

const seen = ({ calls, sleeps, elapsed, result }: Played<Raised, unknown>) => ({
  calls,
  sleeps,
  elapsed,
  outcome: outcome(result),
  ...outcome(result),
  construct: result._tag === 'Left' && !isRaised(result.left) ? 'ValueError' : undefined
})

// -------------------------------------------------------------------------------------
// its log lines, from our events: one name for each run
// -------------------------------------------------------------------------------------

const logger = ({ exceptions, tries, delay }: Settings, say: (line: string) => void) => {
  const [from, to] = delay.between ?? [0, Infinity]
  const bounds = `${seconds(from)}<=${seconds(delay.first)}<=${to === Infinity ? 'None' : seconds(to)}`
  const context = `Context(tries=${tries}, delay=(${bounds}))`
  let retried = false
  return (event: Event.Event): void => {
    switch (event._tag) {
      case 'RetryScheduled': {
        const next = event.attempt + 1
        retried = true
        say(tries < 0 ? `INFO UUID: try #${next}` : `INFO UUID: ${tries - event.attempt} tries remaining`)
        if (event.delay > 0) say(`INFO UUID: sleeping ${seconds(event.delay)} seconds`)
        break
      }
      case 'RunEnded':
        if (event.outcome._tag === 'Right' && retried)
          say(`DEBUG Retry(${exceptions.join(', ')}, ${context}): q has succesfully completed`)
        break
      default:
    }
  }
}

const logLines = async ({ params, input }: Vector): Promise<ReadonlyArray<string>> => {
  const lines: Array<string> = []
  const calls = linesOf(input)
  const [first] = list(input['calls']) as ReadonlyArray<Fields>
  const settings = settingsOf({ exceptions: first?.['err'] ?? 'Exception', ...params })
  await play(kaioretry(settings), calls, { observe: logger(settings, (line) => lines.push(line)) })
  return lines
}

// -------------------------------------------------------------------------------------
// vectors
// -------------------------------------------------------------------------------------

const always: Lines = [lineOf({ error: raised('ValueError') })]

/** As many passes as a context has, and the sleeps between them. */
const passes = async ({ params }: Vector): Promise<ReadonlyArray<unknown>> => {
  const found: Array<unknown> = []
  for (const tries of numbers(params['tries'])) {
    const { calls, sleeps } = await play(kaioretry(settingsOf({ delay: 1, ...params, tries })), always)
    found.push([calls, sleeps])
  }
  return found
}

export const conform: Adapter = async (vector) => {
  const { feature, input, params, expected, parity } = vector
  if (/^log/.test(feature)) return { ours: await logLines(vector) }
  if (isList(params['tries'])) return { ours: await passes(vector) }
  const settings = settingsOf(input['tries'] === undefined ? params : { ...params, tries: input['tries'] })
  const ours = seen(await play(kaioretry(settings), linesOf(input), { random: input['random'] }))
  if (typeof expected === 'string') return { ours: ours.construct }
  if (parity === 'match') return { ours }
  // the bounds hold for every delay, the first one too
  const [first, ...others] = numbers((expected as Fields)['sleeps'])
  const [from, to] = (settings.delay.between ?? [0, Infinity]).map(seconds) as [number, number]
  return {
    ours,
    instead: { sleeps: [Math.max(from, Math.min(to, first ?? NaN)), ...others] },
    because: 'the first delay is bounded too'
  }
}
