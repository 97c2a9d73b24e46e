/**
 * How a bulkhead is run: the frame interprets what the arithmetic of permits says.
 *
 * @since 0.1.0
 */
import { ask } from '../../Callback'
import type { Millis } from '../../Duration'
import type { Exit } from '../../Exit'
import { type Context, type Frame, type Layer, type Services, Sleeper, type Up } from '../../Protocol'
import { type Aborted, type BulkheadFull, type Defect, defect } from '../../Rejection'
import * as Permits from './Permits'
import { Heap, Line, Place, type Queue } from './Queue'
import type { BulkheadCall, Settings } from './Settings'

/**
 * What all calls of one bulkhead share: its state.
 *
 * @internal
 */
export class Bulkhead {
  state: Permits.Permits
  readonly room: number
  readonly wait: Millis
  readonly abandonAfter: Millis
  readonly priority: ((call: BulkheadCall) => number) | undefined
  readonly waiters: Queue<BulkheadFrame>

  constructor(
    { permits, queue = 0, order, wait = Infinity, abandonAfter = Infinity }: Settings,
    readonly services: Services,
    readonly inner: Layer
  ) {
    this.state = Permits.initial(permits)
    this.room = queue
    this.wait = wait
    this.abandonAfter = abandonAfter
    this.priority = typeof order === 'function' ? order : undefined
    this.waiters = this.priority === undefined ? new Line(order === 'lifo') : new Heap()
  }

  /** Hands on what is free. Nothing of the user's runs in here: those who are next are only roused. */
  next(): void {
    while (Permits.canHand(this.state)) {
      const place = this.waiters.take()
      if (place === undefined) return
      this.state = Permits.handed(this.state)
      place.waiter.admit()
    }
  }
}

/** Where a call's passage through a bulkhead stands. */
type Phase =
  /** It holds nothing and is nowhere. */
  | 'outside'
  | 'queued'
  /** It has a permit, but is not awake yet. */
  | 'admitted'
  | 'inside'
  /** It has been answered; what is inside has not settled. */
  | 'hanging'
  | 'over'

/**
 * One call's passage through a bulkhead.
 *
 * @internal
 */
export class BulkheadFrame extends Sleeper implements Frame, Up {
  private phase: Phase = 'outside'
  private inner: Frame | undefined = undefined
  private stay: Stay | undefined = undefined
  /** The generation in which it was hung. */
  private since = 0

  constructor(
    private readonly bulkhead: Bulkhead,
    readonly context: Context,
    private readonly up: Up
  ) {
    super()
  }

  start(): void {
    const { bulkhead } = this
    switch (Permits.arrive(bulkhead.state, bulkhead.room)) {
      case 'Run':
        bulkhead.state = Permits.taken(bulkhead.state)
        this.run()
        break
      case 'Wait':
        this.queue()
        break
      case 'Refuse':
        this.refuse('queue')
        break
    }
  }

  abort(cause: Aborted): void {
    switch (this.phase) {
      case 'inside':
        this.inner?.abort(cause)
        break
      case 'queued':
        this.leave()
        this.answer(cause)
        break
      case 'admitted':
        this.bulkhead.services.waiting.cancel(this)
        this.free()
        this.answer(cause)
        break
      case 'outside':
        this.answer(cause)
        break
      case 'hanging':
      case 'over':
        break
    }
  }

  done(exit: Exit, settled: boolean): void {
    if (this.phase !== 'inside') return
    const { bulkhead } = this
    if (settled) {
      this.free()
      this.phase = 'over'
    } else {
      this.phase = 'hanging'
      this.since = bulkhead.state.generation
      bulkhead.state = Permits.hung(bulkhead.state)
      if (bulkhead.abandonAfter < Infinity) bulkhead.services.waiting.sleep(bulkhead.abandonAfter, this)
    }
    this.up.done(exit, settled)
  }

  settled(): void {
    const { bulkhead } = this
    if (this.phase === 'hanging') {
      this.phase = 'over'
      bulkhead.services.waiting.cancel(this)
      bulkhead.state = Permits.settled(bulkhead.state, this.since)
      bulkhead.next()
    }
    this.up.settled()
  }

  wake(): void {
    switch (this.phase) {
      case 'queued': {
        const reason = this.stay?.ends ?? 'wait'
        this.leave()
        this.refuse(reason)
        break
      }
      case 'admitted':
        this.enter()
        break
      case 'hanging':
        this.abandon()
        break
      case 'outside':
      case 'inside':
      case 'over':
        break
    }
  }

  /** It has been handed a permit: it goes in once it is awake, in the async context of who called. */
  admit(): void {
    this.phase = 'admitted'
    this.bulkhead.services.waiting.rouse(this)
  }

  private run(): void {
    this.phase = 'inside'
    try {
      this.inner = this.bulkhead.inner.open(this.context, this)
      this.inner.start()
    } catch (cause) {
      // a strategy of the user's inside that throws never says that it has settled
      if (this.is('inside')) {
        this.free()
        this.phase = 'over'
      }
      this.context.call.crash(cause)
    }
  }

  private queue(): void {
    const { bulkhead, context } = this
    const { services } = bulkhead
    const priority = this.priority()
    // here and below: a callback or a listener of the user's may have called this off
    if (this.is('over')) return
    if (typeof priority !== 'number') {
      this.answer(priority)
      return
    }
    // or have changed the bulkhead
    const verdict = bulkhead.priority === undefined ? 'Wait' : Permits.arrive(bulkhead.state, bulkhead.room)
    if (verdict === 'Run') {
      bulkhead.state = Permits.taken(bulkhead.state)
      this.run()
      return
    }
    if (verdict === 'Refuse') {
      this.refuse('queue')
      return
    }
    const { observed } = context.call
    const now = observed || context.deadline < Infinity ? services.now() : 0
    const spare = context.deadline === Infinity ? Infinity : context.deadline - context.reserve - now
    if (spare <= 0) {
      this.refuse('deadline')
      return
    }
    // without a reserve, whoever set the deadline ends the wait, and says so
    const ends = context.reserve > 0 && spare < bulkhead.wait ? 'deadline' : 'wait'
    const longest = ends === 'deadline' ? spare : bulkhead.wait
    this.stay = new Stay(this, priority, now, ends)
    bulkhead.state = Permits.waiting(bulkhead.state)
    bulkhead.waiters.add(this.stay)
    this.phase = 'queued'
    if (longest < Infinity) services.waiting.sleep(longest, this)
    else services.waiting.park(this)
    if (observed) context.call.emit({ _tag: 'CallQueued', layer: services.layer, queued: bulkhead.state.queued })
  }

  /** How urgent this is; only asked when it has to wait. */
  private priority(): number | Defect {
    const { priority, services } = this.bulkhead
    if (priority === undefined) return 0
    const at = `${services.layer}.order`
    const { key, attributes } = this.context.call
    const call: BulkheadCall = { key, attributes }
    const answer = ask(at, priority, call)
    if (answer._tag === 'Defect') return answer
    const { value }: { readonly value: unknown } = answer
    return typeof value === 'number' && value === value ? value : defect('Malformed', at, value, call)
  }

  /** Awake, with a permit. */
  private enter(): void {
    const { bulkhead, context, stay } = this
    const { layer, now } = bulkhead.services
    const { call, deadline, reserve } = context
    const at = call.observed || deadline < Infinity ? now() : 0
    if (deadline < Infinity && deadline - at <= reserve) {
      this.phase = 'outside'
      this.free()
      this.refuse('deadline')
      return
    }
    this.stay = undefined
    if (call.observed) call.emit({ _tag: 'CallAdmitted', layer, waited: at - (stay?.since ?? at) })
    if (this.is('admitted')) this.run()
  }

  /** It waits no more, and has no permit. */
  private leave(): void {
    const { bulkhead, stay } = this
    this.phase = 'outside'
    bulkhead.services.waiting.cancel(this)
    if (stay !== undefined) bulkhead.waiters.remove(stay)
    this.stay = undefined
    bulkhead.state = Permits.left(bulkhead.state)
  }

  /** Gives a permit back that was not held by what hangs. */
  private free(): void {
    const { bulkhead } = this
    bulkhead.state = Permits.freed(bulkhead.state)
    bulkhead.next()
  }

  /** It has hung for as long as it may hold its permit. */
  private abandon(): void {
    const { bulkhead } = this
    bulkhead.state = Permits.abandonedOne(bulkhead.state, this.since)
    this.since = Permits.givenUp
    bulkhead.next()
  }

  private refuse(reason: BulkheadFull['reason']): void {
    const { bulkhead, context } = this
    const { permits, active, hanging, queued } = bulkhead.state
    const error: BulkheadFull = { _tag: 'BulkheadFull', reason, permits, active, hanging, queued }
    const { call } = context
    if (call.observed) call.emit({ _tag: 'CallRefused', layer: bulkhead.services.layer, error })
    if (this.is('outside')) this.answer({ _tag: 'Left', left: error })
  }

  /** The answer of a call that was not let in. */
  private answer(exit: Exit): void {
    this.phase = 'over'
    this.up.done(exit, true)
  }

  /** The phase may have changed in between, in ways that a type checker cannot see. */
  private is(phase: Phase): boolean {
    return this.phase === phase
  }
}

/** A place in the queue, and what is known of the wait. */
class Stay extends Place<BulkheadFrame> {
  constructor(
    waiter: BulkheadFrame,
    priority: number,
    /** When it began; only kept for those who listen. */
    readonly since: Millis,
    /** What the wait ends by, if nobody else ends it. */
    readonly ends: 'wait' | 'deadline'
  ) {
    super(waiter, priority)
  }
}
