/**
 * The calls of one task, by the lanes of a policy where there are any. A call that nothing stands in the way of has no run: it is
 * a count, what it holds from the lanes, and what follows the promise of its operation.
 *
 * @since 0.1.0
 */
import { isThenable } from '../Callback'
import type { Exit } from '../Exit'
import { defect } from '../Rejection'
import { closing, type Core } from './Core'
import { type Gate, type Lanes, leave, Passage, Rest, Ticket } from './Lanes'
import { exitOf, operationAt } from './Operation'
import { type Answer, answerOf, type Job } from './Run'

/**
 * The calls of a task whose operation is told nothing of its attempt.
 *
 * @internal
 */
export class Calls {
  /** That of the call before: calls that hold equal tickets share it. */
  private latest: Follower | undefined = undefined

  constructor(
    readonly core: Core,
    readonly job: Job
  ) {}

  begin(): Promise<Answer> {
    const { core, job } = this
    const { lanes } = core
    if (lanes === undefined) return core.start(job).begin(core.layer)
    let tickets: Ticket | undefined
    for (const gate of lanes.gates) {
      const entered = gate.enter(tickets)
      if (entered instanceof Ticket) tickets = entered
      else if (entered === undefined) return core.start(job).begin(core.layer, new Rest(undefined, tickets))
      else return this.refused(entered, gate, lanes, tickets)
    }
    let { latest } = this
    if (latest?.tickets !== tickets || latest === undefined) {
      this.latest = latest = new Follower(this, lanes, tickets)
    }
    return lanes.plain ? latest.call() : core.start(job).begin(lanes.beneath.layer, latest)
  }

  /** A lane has answered instead of letting the call in. */
  private refused(exit: Exit, { mender }: Gate, lanes: Lanes, tickets: Ticket | undefined): Promise<Answer> {
    const { core, job } = this
    const left = leave(exit, tickets, mender)
    return Promise.resolve(left instanceof Rest ? core.start(job).beginLate(lanes.whole, left) : answerOf(left, job))
  }
}

/** Calls the operation with nothing around it; what the caller waits for is what follows the operation's own promise. */
class Follower extends Passage {
  constructor(
    private readonly calls: Calls,
    lanes: Lanes,
    tickets: Ticket | undefined
  ) {
    super(lanes, tickets)
  }

  call(): Promise<Answer> {
    const { core, job } = this.calls
    core.enter()
    let exit: Exit
    try {
      const result = (job.f as () => unknown)()
      if (result instanceof Promise) return result.then(this.fulfilled, this.rejected)
      // the platform's own promise takes care of a thenable that throws, or that calls back twice or at once
      if (isThenable(result)) return Promise.resolve(result).then(this.fulfilled, this.rejected)
      exit = exitOf(result, operationAt)
    } catch (cause) {
      exit = defect('Thrown', operationAt, cause)
    }
    return Promise.resolve(this.ended(exit))
  }

  private readonly fulfilled = (value: unknown): Answer | Promise<Answer> => this.ended(exitOf(value, operationAt))

  private readonly rejected = (cause: unknown): Answer | Promise<Answer> =>
    this.ended(defect('Rejected', operationAt, cause))

  /** The operation has settled: the answer, or what will be. */
  private ended(exit: Exit): Answer | Promise<Answer> {
    const { core, job } = this.calls
    const left = this.arrive(core.closed ? closing : exit, true)
    // its run, if there is to be one, is counted before it is not
    const answer = left instanceof Rest ? core.start(job).beginLate(this.lanes.whole, left) : answerOf(left, job)
    core.leave()
    return answer
  }
}
