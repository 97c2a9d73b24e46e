/**
 * Where one piece of state is at home: here, or under a name in a store.
 *
 * Here, a change is done when it is asked for. In a store it is done at once or later, or not at all; then what was last seen of
 * the state here serves instead. A strategy says what the change is and what comes after it, and need not know the difference.
 *
 * @since 0.1.0
 */
import { promiseOf } from './Callback'
import { notify } from './Observer'
import { type Context, type Services, Sleeper } from './Protocol'
import type { Store } from './Store'

/**
 * What a change makes of a state, and what it has to say.
 *
 * @internal
 */
export interface Changed<out S, out R> {
  readonly state: S
  readonly result: R
}

/**
 * A change: a pure function, which may be asked again on newer data; whether it is asked where the state is at home.
 *
 * @internal
 */
export type Change<S, R> = (state: S, home: boolean) => Changed<S, R>

/**
 * Who asks for a change.
 *
 * @internal
 */
export interface Asker<R> {
  /** The attempt that waits for it; where none does, it is waited for however long it takes. */
  readonly context: Context | undefined
  /**
   * What came of it; called exactly once.
   *
   * @param home whether it was done where the state is at home; if not, it was done here
   */
  readonly changed: (result: R, home: boolean) => void
  /**
   * It was done in the store after all, when it was not waited for any more.
   *
   * @param take takes over what has become of the state there, unless what was done later has been heard of; says whether it did
   */
  readonly late: (result: R, take: () => boolean) => void
  /** The store did not do as it was asked, and why. */
  readonly trouble: (cause: unknown) => void
}

/**
 * A place in a store.
 *
 * @internal
 */
export interface Shelf<S> {
  readonly store: Store
  readonly name: string
  /** The settings of who shares it, as text: they must agree. */
  readonly settings: string
  readonly initial: S
  /** What begins where a tenant finds nothing: what was there before, if it was forgotten, is another's, as this name is new. */
  readonly fresh: (name: string) => S
  /** Whether what is kept is such a state: it may be of another version, or somebody else's. */
  readonly holds: (u: unknown) => u is S
  /** Who has it here: nobody else has this name, in this process or another. */
  readonly owner: string
  /** By whom it will be given up some day, such as the place of one key; a place that never is has none. */
  readonly tenant: Tenant<S> | undefined
  /** What was last heard of the state there. */
  seen: S
  /** How many changes were made there from here, one after the other, and which is the latest that was heard of. */
  turns: number
  heard: number
}

/**
 * Tells whoever listens to the runtime that a store did not do what was asked for no call, such as what is done by hand.
 *
 * @internal
 */
export const storeFailed = ({ runtime, layer, now }: Services, name: string, cause: unknown): void => {
  const { observe } = runtime
  if (observe !== undefined) notify(observe, { _tag: 'StoreFailed', run: 0, at: now(), layer, name, cause })
}

/**
 * Who uses a place until it is given up. The store keeps the name of the last who used it: only that one clears it.
 *
 * @internal
 */
export interface Tenant<in S> {
  readonly name: string
  /** Whether a state is to stay, though it is given up. */
  readonly stays: (state: S) => boolean
  /** Whether it has given up the place. */
  gone: boolean
}

/** What a store keeps in a place. */
interface Kept {
  readonly settings?: unknown
  readonly state?: unknown
  /** The name of who used it last. */
  readonly by?: unknown
}

/**
 * The context of what a strategy does for nobody's call in particular: nobody listens, and there is nobody to answer.
 *
 * @internal
 */
export const unattended: Context = {
  call: {
    id: 0,
    key: undefined,
    attributes: {},
    observed: false,
    emit: () => undefined,
    nextAttempt: () => 0,
    redeem: () => undefined,
    crash: () => undefined
  },
  number: 1,
  previous: { _tag: 'None' },
  deadline: Infinity,
  reserve: 0
}

let owners = 0

/** A name that nobody else has, in this process or another. */
const newOwner = ({ runtime, random }: Services): string => {
  const { process = random() } = runtime
  return `${String(process)}/${String(++owners)}`
}

/**
 * The name of a place in a store that is within another: a text of the user's may hold what divides them.
 *
 * @internal
 */
export const placeIn = (place: string, name: unknown): string =>
  `${place}/${String(name).replace(/[%/]/g, encodeURIComponent)}`

/**
 * The place of a state that is shared by name, where it has one. What stands against sharing it is told at once: there is no
 * store, or who came before under this name has other settings.
 *
 * @param agreed the settings, but for functions, as text
 *
 * @internal
 */
export const shelve = <S>(
  services: Services,
  strategy: string,
  name: string | undefined,
  agreed: string,
  initial: S,
  holds: (u: unknown) => u is S,
  fresh: (name: string) => S = () => initial
): Shelf<S> | undefined => {
  const { store, problems, impossible } = services
  if (name === undefined) return undefined
  if (store === undefined) {
    impossible({ path: 'name', value: name, allowed: 'a name only in a runtime that has a store' })
    return undefined
  }
  for (const problem of store.problems) impossible(problem)
  const place = placeIn(strategy, name)
  const first = store.first.get(place)
  if (first === undefined || (first.problems.length > 0 && first.problems !== problems)) {
    store.first.set(place, { settings: agreed, problems })
  } else if (first.settings !== agreed) {
    impossible({ path: 'name', value: name, allowed: `the settings of the others of this name: ${first.settings}` })
  }
  const owner = newOwner(services)
  return {
    store,
    name: place,
    settings: agreed,
    initial,
    fresh,
    holds,
    owner,
    tenant: undefined,
    seen: initial,
    turns: 0,
    heard: 0
  }
}

/**
 * One piece of state.
 *
 * @internal
 */
export class Cell<S> {
  constructor(
    /** The state; of one in a store, what was last seen of it. */
    public state: S,
    /** Where it is kept, unless it is at home here. */
    public shelf: Shelf<S> | undefined
  ) {}

  /** How often what is here has been taken over from the store: what was made of it here is forgotten then. */
  taken = 0

  /** Gives up its place in the store, which is cleared if nobody else uses it: from now on it is at home here. */
  moveOut(): void {
    const { shelf } = this
    this.shelf = undefined
    if (shelf?.tenant === undefined) return
    shelf.tenant.gone = true
    clear(shelf, shelf.tenant)
  }

  /** Changes the state where it is at home; what came of it may be told before this returns. */
  change<R>(services: Services, change: Change<S, R>, asker: Asker<R>): void {
    if (this.shelf === undefined) asker.changed(this.here(change), true)
    else new Question(this, this.shelf, services, change, asker).ask()
  }

  /**
   * Changes what is here. In the middle of a change a function of the user's may change it too (a schedule that runs another call,
   * say): then the change is made anew, on what has become of it.
   */
  here<R>(change: Change<S, R>): R {
    for (let tries = 1; ; tries++) {
      const before = this.state
      const { state, result } = change(before, this.shelf === undefined)
      if (this.state === before || tries === mostTries) {
        this.state = state
        return result
      }
    }
  }
}

/** Clears a place that was given up. Where the store does not do it, what is kept there stays until it is used again. */
const clear = <S>({ store, name }: Shelf<S>, { name: tenant, stays }: Tenant<S>): void => {
  const unlessUsed = (kept: unknown): unknown => {
    const found = kept as Kept | undefined | null
    return found?.by === tenant && !stays(found.state as S) ? null : (kept ?? null)
  }
  try {
    void promiseOf(store.port.update(name, unlessUsed))?.then(undefined, () => undefined)
  } catch {
    // nobody waits for it
  }
}

/** One that changes a state each time has its way no longer. */
const mostTries = 100

/** One change that a store is asked for. */
class Question<S, R> extends Sleeper {
  private answered = false
  private made: Changed<S, R> | undefined = undefined
  private unusable: Unusable | undefined = undefined
  private turn = 0

  constructor(
    private readonly cell: Cell<S>,
    private readonly shelf: Shelf<S>,
    private readonly services: Services,
    private readonly change: Change<S, R>,
    private readonly asker: Asker<R>
  ) {
    super()
  }

  get context(): Context {
    return this.asker.context as Context
  }

  ask(): void {
    const { port } = this.shelf.store
    let promise: Promise<unknown> | undefined
    try {
      promise = promiseOf(port.update(this.shelf.name, this.make))
    } catch (cause) {
      this.failed(cause)
      return
    }
    if (promise === undefined) {
      this.done()
      return
    }
    void promise.then(
      () => {
        this.done()
      },
      (cause: unknown) => {
        this.failed(cause)
      }
    )
    if (this.asker.context !== undefined && port.patience < Infinity) {
      this.services.waiting.sleep(port.patience, this)
    }
  }

  wake(): void {
    const { patience } = this.shelf.store.port
    this.failed({ _tag: 'Unanswered', patience })
  }

  /** What the store is to call with what it keeps; it gives what is to be kept. */
  private readonly make = (kept: unknown): unknown => {
    const { settings, initial, fresh, holds, tenant } = this.shelf
    this.made = this.unusable = undefined
    this.turn = ++this.shelf.turns
    const found = kept as Kept | undefined | null
    if (found === undefined || found === null)
      this.made = this.change(tenant === undefined ? initial : fresh(`${tenant.name}/${String(this.turn)}`), true)
    else if (found.settings !== settings) this.unusable = { _tag: 'Unusable', why: 'it has other settings', kept }
    else if (holds(found.state)) this.made = this.change(found.state, true)
    else this.unusable = { _tag: 'Unusable', why: 'it is no such state', kept }
    if (this.made === undefined) return kept
    const { state } = this.made
    const by = tenant?.name ?? found?.by
    // who only looks makes nothing where there is nothing
    return state === initial && by === undefined ? null : { settings, state, ...(by === undefined ? {} : { by }) }
  }

  private done(): void {
    const { made, unusable } = this
    if (made === undefined) {
      this.failed(unusable ?? { _tag: 'Unusable', why: 'it was not changed', kept: undefined })
    } else if (this.answered) {
      this.asker.late(made.result, () => this.take(made.state))
    } else {
      this.answered = true
      this.services.waiting.cancel(this)
      this.take(made.state)
      this.asker.changed(made.result, true)
    }
    const { shelf } = this
    // it was used once more by who has given it up meanwhile
    if (made !== undefined && shelf.tenant?.gone === true) clear(shelf, shelf.tenant)
  }

  /** Takes over what has become of the state, unless a change that was made later has been heard of before. */
  private take(state: S): boolean {
    const isNews = this.turn > this.shelf.heard
    if (isNews) {
      this.shelf.heard = this.turn
      this.cell.state = this.shelf.seen = state
      this.cell.taken++
    }
    return isNews
  }

  private failed(cause: unknown): void {
    if (this.answered) return
    this.answered = true
    this.services.waiting.cancel(this)
    this.asker.trouble(cause)
    this.asker.changed(this.cell.here(this.change), false)
  }
}

/** Why what a store keeps cannot be used. */
interface Unusable {
  readonly _tag: 'Unusable'
  readonly why: string
  readonly kept: unknown
}
