/**
 * Observers that tell what happens while it happens.
 */
import type { Event } from 'resilience-ts'
import { cells, line, type Observer, type Print, weight } from './lines'
import type { Paint } from './words'

/** Of calls one at a time: a line for each event, its time counted from the beginning of its call. */
export const timeline = (print: Print, paint: Paint): Observer => {
  let startedAt = 0
  return (event) => {
    if (event._tag === 'RunStarted') startedAt = event.at
    print(weight(event, paint)(line(event.at - startedAt, cells(event))))
  }
}

/** Of calls one after the other: a line for each call that was made, for each change of state, and for refusals in a row. */
export const series = (print: Print, paint: Paint): Observer => {
  let startedAt: number | undefined
  let refused = 0

  return (event) => {
    const since = startedAt ?? event.at
    startedAt = since
    const tell = (which: string): void => {
      const [, ...words] = cells(event)
      print(weight(event, paint)(line(event.at - since, [which, ...words])))
    }
    if (event._tag === 'CallRefused') {
      if (++refused === 1) tell(`#${event.run}`)
    } else if (event._tag === 'AttemptEnded' || event._tag === 'CircuitChanged') {
      if (refused > 1) print(line(event.at - since, ['', '', '', `and ${refused - 1} more until now`]))
      refused = 0
      tell(event._tag === 'AttemptEnded' ? `#${event.run}` : '')
    }
  }
}

/** For so many ms, events of one kind are gathered. */
const window = 25

/** Of many calls at once: a line for all events of one kind that come together, with their number and the last of them. */
export const crowd = (print: Print, paint: Paint): Observer => {
  let startedAt: number | undefined
  let toldAt = 0
  let open = 0
  let timer: NodeJS.Timeout | undefined
  let gathered = new Map<string, ReadonlyArray<Event.Event>>()

  const tell = (): void => {
    clearTimeout(timer)
    timer = undefined
    for (const events of gathered.values()) {
      const last = events.at(-1)
      if (last === undefined) continue
      toldAt = Math.max(toldAt, last.at)
      const [, ...words] = cells(last)
      print(weight(last, paint)(line(toldAt - (startedAt ?? toldAt), [`${events.length}x`, ...words])))
    }
    gathered = new Map()
  }

  return (event) => {
    startedAt ??= event.at
    gathered.set(kind(event), [...(gathered.get(kind(event)) ?? []), event])
    if (event._tag === 'RunStarted') open++
    if (event._tag === 'RunEnded') open--
    if (open === 0) tell()
    else timer ??= setTimeout(tell, window)
  }
}

const kind = (event: Event.Event): string => {
  const layer = 'layer' in event ? event.layer : ''
  const outcome = 'outcome' in event ? event.outcome._tag : ''
  return [event._tag, layer, outcome].join(' ')
}
