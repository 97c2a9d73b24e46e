/** A layer that watches the protocol between the layer inside it and the one outside, and notes every breach of it. */
import { Policy, type Strategy } from 'resilience-ts'

export interface Witness {
  /** Puts the watcher around a policy. */
  readonly around: (policy: Policy.Policy<unknown, unknown>) => Policy.Policy<unknown, unknown>
  /** What was done against the rules. */
  readonly breaches: ReadonlyArray<string>
  /** Who was aborted and did not answer within that; they may be about to, where the abort came from one of their callbacks. */
  readonly tardy: ReadonlyArray<string>
}

export const witness = (): Witness => {
  const breaches: Array<string> = []
  const tardy: Array<string> = []
  const strategy: Strategy.Strategy<object> = {
    name: 'witness',
    rules: {},
    show: () => [],
    compile: (_settings, { layer }, inner) => ({
      open: (context, up) => {
        let started = false
        let answered = false
        let ended = false
        const isAnswered = (): boolean => answered
        const must = (holds: boolean, rule: string): void => {
          if (!holds) breaches.push(`${layer}: ${rule}`)
        }
        const frame = inner.open(context, {
          done: (exit, settled) => {
            must(started, 'nothing is answered before it began')
            must(!answered, 'one answer')
            answered = true
            ended = settled
            up.done(exit, settled)
          },
          settled: () => {
            must(answered, 'settled after the answer, not before it')
            must(!ended, 'settled once')
            ended = true
            up.settled()
          }
        })
        return {
          start: () => {
            must(!started, 'started once')
            started = true
            frame.start()
          },
          abort: (cause) => {
            must(started, 'aborted only when started')
            frame.abort(cause)
            if (!isAnswered()) tardy.push(layer)
          }
        }
      }
    })
  }
  return {
    around: Policy.around<unknown, unknown, object>(strategy, {}),
    breaches,
    tardy
  }
}
