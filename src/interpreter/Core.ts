/**
 * What stands behind a runner: the compiled policy, and its runs on their way, for as long as it takes calls and beyond.
 *
 * @since 0.1.0
 */
import { type Policy, show, validate } from '../Policy'
import type { Problem } from '../Problem'
import type { Layer } from '../Protocol'
import { type Aborted, type Defect, defect } from '../Rejection'
import type { Runtime } from '../Runtime'
import { compile } from './Compile'
import { type Home, type Job, Run } from './Run'

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
 * A defect that lists impossible settings.
 *
 * @internal
 */
export const invalid = (at: string, problems: ReadonlyArray<Problem>): Defect => ({
  ...defect('Invalid', at, undefined),
  problems
})

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
  /** What shows and steers the layers that have any state, by their names. */
  readonly controls = new Map<string, object>()
  /** Whether no layer has anything to do unless the first attempt of a call fails, and nobody listens. */
  plain: boolean
  layer: Layer
  private accepting = true
  private ids = 0
  private inFlight = 0
  private unsettled = 0
  /** The first run on its way; the others follow by their links. */
  private first: Run | undefined = undefined
  private drained: ReadonlyArray<() => void> = []

  constructor(
    policy: Policy<never, never, unknown, unknown>,
    readonly runtime: Runtime
  ) {
    this.shown = show(policy)
    const problems = validate(policy)
    const layer = problems.length > 0 ? invalid('policy', problems) : compile(policy, runtime, this.controls)
    this.layer = '_tag' in layer ? refusing(layer) : layer
    this.plain =
      !('_tag' in layer) &&
      runtime.observe === undefined &&
      policy.layers.every(({ strategy, settings }) => strategy.transparent?.(settings) === true)
  }

  nextId(): number {
    return ++this.ids
  }

  start(job: Job): Run {
    const run = new Run(job)
    this.inFlight++
    this.unsettled++
    run.next = this.first
    if (this.first !== undefined) this.first.before = run
    this.first = run
    return run
  }

  answered(run: Run): void {
    this.inFlight--
    const { before, next } = run
    if (before === undefined) this.first = next
    else before.next = next
    if (next !== undefined) next.before = before
    run.before = run.next = undefined
  }

  settled(): void {
    this.unsettled--
    if (this.unsettled === 0 && this.drained.length > 0) {
      const waiting = this.drained
      this.drained = []
      for (const resolve of waiting) resolve()
    }
  }

  status(): Status {
    const { inFlight, unsettled, accepting } = this
    return { inFlight, hanging: unsettled - inFlight, accepting }
  }

  drain(): Promise<void> {
    this.refuse()
    if (this.unsettled === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.drained = [...this.drained, resolve]
    })
  }

  close(): Promise<void> {
    this.refuse()
    // gathered first: to abort one may end others, and one that is being answered right now cannot be aborted
    const runs: Array<Run> = []
    for (let run = this.first; run !== undefined; run = run.next) runs.push(run)
    for (const run of runs) run.abort(closing)
    return Promise.resolve()
  }

  /** From now on every call is refused. */
  private refuse(): void {
    this.accepting = false
    this.plain = false
    this.layer = refusing(defect('Closed', 'runner', undefined))
  }
}

const closing: Aborted = { _tag: 'Aborted', by: 'close', reason: undefined }
