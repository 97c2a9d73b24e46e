/** wait_for's log lines, from our events. */
import type { Event } from 'resilience-ts'
import { written } from '../expression'
import { seconds } from '../json'

export interface Switches {
  readonly message: string
  /** Not how long it took. */
  readonly quiet: boolean
  /** Not even its beginning and end. */
  readonly veryQuiet: boolean
  readonly onLoop: boolean
  readonly silent: boolean
}

export const logger = ({ message, quiet, veryQuiet, onLoop, silent }: Switches, say: (line: string) => void) => {
  let startedAt = 0
  const name = `'${message}'`
  return (event: Event.Event): void => {
    const took = seconds(event.at - startedAt).toFixed(2)
    switch (event._tag) {
      case 'RunStarted':
        startedAt = event.at
        if (!veryQuiet) say(`DEBUG: Started ${name}`)
        break
      case 'AttemptStarted':
        if (onLoop) say(`INFO: ${name} -- try ${event.attempt}`)
        break
      case 'PollStopped':
        if (silent) {
          const { outcome } = event
          say(`WARNING: Couldn't complete ${name}`)
          say(`WARNING: The last result of the call was: ${written(outcome._tag === 'Right' ? outcome.right : null)}`)
        }
        break
      case 'RunEnded':
        if (event.outcome._tag === 'Right' && !silent && !quiet && !veryQuiet) say(`DEBUG: Took ${took} to do ${name}`)
        if (!veryQuiet) say(`DEBUG: Finished ${name}`)
        break
      default:
    }
  }
}
