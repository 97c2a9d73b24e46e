/** kaioretry, in our terms: a `growing` delay, as many as there are tries left, for some errors. */
import { type Event, Policy, Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import { isA, isRaised, type Raised, raised } from './exceptions'
import { changed, ofRun, total } from './difference'
import { type Fields, isList, type Json, list, ms, numbers, seconds, text } from './json'
import { inTurn, lineOf, type Lines, linesOf, play, type Played, scripted } from './play'
import { about, type Adapter, anything, type Difference, type Question, table } from './question'
import { ofEachScript } from './scripts'

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
  // an impossible setting is found before anything is called
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

/** Of the one exception that the calls raise, if it is not said of which. */
const logLines: Adapter = async ({ params, input }) => {
  const lines: Array<string> = []
  const [first] = list(input['calls']) as ReadonlyArray<Fields>
  const settings = settingsOf({ exceptions: first?.['err'] ?? 'Exception', ...params })
  await play(kaioretry(settings), linesOf(input), { observe: logger(settings, (line) => lines.push(line)) })
  return { ours: lines }
}

// -------------------------------------------------------------------------------------
// vectors
// -------------------------------------------------------------------------------------

const always: Lines = [lineOf({ error: raised('ValueError') })]

/** As many passes as a context has, and the sleeps between them: a second each, so that there are some to be seen. */
const passes: Adapter = async ({ params }) => ({
  ours: await inTurn(numbers(params['tries']), async (tries) => {
    const { calls, sleeps } = await play(kaioretry(settingsOf({ delay: 1, ...params, tries })), always)
    return [calls, sleeps]
  })
})

const areMany = ({ params }: Question): boolean => isList(params['tries'])

/** `tries` is of the context or of the call. */
const loop: Adapter = async ({ params, input }) => {
  const { tries, random } = input
  const settings = settingsOf(tries === undefined ? params : { ...params, tries })
  const ours = seen(await play(kaioretry(settings), linesOf(input), { random }))
  const { construct: asWord } = ours
  return { ours, differs: boundedFromTheFirst(settings, random), ...(asWord === undefined ? {} : { asWord }) }
}

// -------------------------------------------------------------------------------------
// where ours differs
// -------------------------------------------------------------------------------------

/** `d·backoff + jitter`, and between the bounds: each of them, where theirs takes the first as it is given. */
const boundedFromTheFirst = (
  { delay: { first, factor = 1, plus = 0, between: [from, to] = [0, Infinity] } }: Settings,
  random: Json | undefined
): Difference => ({
  because: 'the first delay is bounded too',
  instead: ofRun((theirs) => {
    const draw = scripted(random)
    const bounded = (d: number): number => Math.max(from, Math.min(to, d))
    const jitter = (): number => (typeof plus === 'number' ? plus : plus[0] + draw() * (plus[1] - plus[0]))
    const sleeps: Array<number> = []
    let next = bounded(first)
    for (const _ of list(theirs['sleeps'])) {
      sleeps.push(seconds(next))
      next = bounded(next * factor + jitter())
    }
    const longer = total(sleeps) - total(numbers(theirs['sleeps']))
    return changed({ sleeps: () => sleeps, elapsed: (elapsed) => Number(elapsed) + longer })(theirs)
  })
})

export const conform: Adapter = table([about(/^log/), logLines], [areMany, passes], [anything, ofEachScript(loop)])
