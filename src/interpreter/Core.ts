/**
 * What stands behind a runner: the compiled policy, and its runs on their way, for as long as it takes calls and beyond.
 *
 * @since 0.1.0
 */
import { type Policy, show, validate } from '../Policy'
import type { Layer } from '../Protocol'
import { queueing } from '../Queueing'
import { type Defect, defect } from '../Rejection'
import type { Runtime } from '../Runtime'
import { compile, invalid, type ServicesOf, servicesOf } from './Compile'
import type { Gate, Lanes } from './Lanes'
import { closing, type Home, type Job, Run } from './Run'

/**
 * How many calls are on their way.
 *
 * @category model
 * @since 0.1.0
 */
export interface Status {
  /** Calls that have not been answered. */
  readonly inFlight: number
  /** Calls that have been answered, but whose operation has not settled. */
  readonly hanging: number
  /** Whether new calls are taken. */
  readonly accepting: boolean
}

/**
 * A layer that answers every call with one defect, and starts nothing.
 *
 * @internal
 */
export const refusing = (found: Defect): Layer => ({
  open: (_context, up) => ({
    start: () => {
      up.done(found, true)
    },
    abort: () => undefined
  })
})

/**
 * A compiled policy, and its runs on their way.
 *
 * @internal
 */
export class Core implements Home {
  readonly shown: string
  /** What its layers may use, by their names. */
  readonly services: ServicesOf
  /** What shows and steers the layers that have any state, by their names. */
  readonly controls = new Map<string, object>()
  readonly whole: Layer
  /** What a call that begins now goes through. */
  layer: Layer
  /** The way past its outermost layers, where there is one and nobody listens. */
  lanes: Lanes | undefined
  /** The outermost gate of the lanes, as long as calls may be on their way. */
  private readonly gate: Gate | undefined
  /** Whether the calls on their way were called off. */
  closed = false
  ids = 0
  hurried = 0
  /** Runs that have not settled. */
  private unsettled = 0
  /** Calls that have no run: they settle when they are answered. */
  private passing = 0
  /** Runs that have not been answered, in no order. */
  private readonly runs: Array<Run> = []
  private readonly drained: Array<() => void> = []

  constructor(
    policy: Policy<never, never, unknown, unknown>,
    readonly runtime: Runtime
  ) {
    this.services = servicesOf(runtime)
    this.shown = show(policy)
    const problems = validate(policy)
    const ready = problems.length > 0 ? invalid('policy', problems) : compile(policy, this.services, this.controls)
    this.layer = this.whole = '_tag' in ready ? refusing(ready) : ready.layer
    this.lanes = '_tag' in ready || runtime.observe ? undefined : ready.lanes
    this.gate = this.lanes?.gate
  }

  start(job: Job): Run {
    const run = new Run(job)
    this.unsettled++
    run.place = this.runs.push(run) - 1
    if (run.place === 0) this.hurried = 0
    return run
  }

  /** A call begins that has no run. */
  enter(): void {
    this.passing++
  }

  /** A call that has no run has been answered, and has settled. */
  leave(): void {
    this.passing--
    this.drainIfSettled()
  }

  answered(run: Run): void {
    // the last one takes its place
    const last = this.runs.pop() as Run
    if (last !== run) {
      this.runs[run.place] = last
      last.place = run.place
    }
  }

  settled(): void {
    this.unsettled--
    this.drainIfSettled()
  }

  status(): Status {
    const { unsettled, passing } = this
    // once it is closed, those that have no run count as answered too
    const inFlight = this.runs.length + (this.closed ? 0 : passing)
    return { inFlight, hanging: unsettled + passing - inFlight, accepting: this.layer === this.whole }
  }

  drain(): Promise<void> {
    this.refuse()
    return new Promise((resolve) => {
      this.drained.push(resolve)
      this.drainIfSettled()
    })
  }

  close(): Promise<void> {
    this.refuse()
    // gathered first: to abort one may end others, and one that is being answered right now cannot be aborted
    for (const run of [...this.runs]) run.abort(closing)
    this.closed = true
    // those that wait and have no run; what had one has left by now
    for (let { gate } = this; gate; gate = gate.inner) gate.lane[queueing]?.clear()
    return Promise.resolve()
  }

  private drainIfSettled(): void {
    while (this.unsettled + this.passing === 0 && this.drained.length > 0) this.drained.pop()?.()
  }

  /** From now on every call is refused. */
  private refuse(): void {
    this.lanes = undefined
    this.layer = refusing(defect('Closed', 'runner', undefined))
  }
}
