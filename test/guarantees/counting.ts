import { Policy, type Strategy } from 'resilience-ts'

/** A strategy with state: it counts the calls that it has seen, and says so as an event. */
const counting: Strategy.Strategy<{ readonly name?: string }> = {
  name: 'counting',
  rules: { name: { allowed: 'anything', holds: () => true } },
  show: () => [],
  compile: (_settings, { layer }, inner) => {
    let count = 0
    return {
      open: (context, up) => {
        const frame = inner.open(context, up)
        return {
          start: () => {
            count++
            context.call.emit({ _tag: 'Custom', layer, name: 'count', data: count })
            frame.start()
          },
          abort: (cause) => {
            frame.abort(cause)
          }
        }
      }
    }
  }
}

/** A policy whose state can be seen in its events. */
export const counted = Policy.around<unknown, unknown, { readonly name?: string }>(counting, {})
