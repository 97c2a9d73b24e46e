/**
 * The arithmetic of permits, over plain data that JSON can carry, and O(1). Who waits, and in which order, is the queue's
 * business; here it is only counted.
 *
 * The counts change in place: they belong to one bulkhead, and to make new ones for each step would take as long as all else
 * that a bulkhead does for a call that finds a permit.
 *
 * ```
 *   arrive ──▶ Run ──▶ taken ─────────────▶ settled ─▶ (room? the next one)
 *          ├─▶ Wait ─▶ waiting ─▶ handed ──▶    ▲
 *          └─▶ Refuse       └───▶ left      hung┘──▶ abandoned
 * ```
 *
 * @since 0.1.0
 */

/**
 * The state of a bulkhead.
 *
 * @internal
 */
export interface Permits {
  /** How many there are. */
  permits: number
  /** How many are held, those of hanging operations included. */
  active: number
  /** How many of those are held by operations whose caller has been answered. */
  hanging: number
  /** Operations that hang still, and whose permit was given up. */
  abandoned: number
  /** How many wait. */
  queued: number
  /** What is hanging was hung in this generation, or has been abandoned: so all are abandoned at once, without a list. */
  generation: number
}

/**
 * What becomes of one who arrives.
 *
 * @internal
 */
export type Verdict = 'Run' | 'Wait' | 'Refuse'

/**
 * Nobody there yet.
 *
 * @internal
 */
export const initial = (permits: number): Permits => ({
  permits,
  active: 0,
  hanging: 0,
  abandoned: 0,
  queued: 0,
  generation: 0
})

/**
 * Whether one who arrives finds a permit: nobody overtakes those who wait already.
 *
 * @internal
 */
export const isFree = ({ queued, active, permits }: Permits): boolean => queued === 0 && active < permits

/**
 * Whether one who arrives finds neither a permit nor room to wait for one, where so many may wait.
 *
 * @internal
 */
export const isFull = (state: Permits, room: number): boolean => !isFree(state) && state.queued >= room

/**
 * What becomes of one who arrives, where so many may wait.
 *
 * @internal
 */
export const arrive = (state: Permits, room: number): Verdict =>
  isFree(state) ? 'Run' : isFull(state, room) ? 'Refuse' : 'Wait'

/**
 * Whether the next of those who wait may have a permit.
 *
 * @internal
 */
export const canHand = ({ queued, active, permits }: Permits): boolean => queued > 0 && active < permits

/**
 * Somebody who did not wait has a permit.
 *
 * @internal
 */
export const taken = (state: Permits): void => {
  state.active++
}

/**
 * Somebody begins to wait.
 *
 * @internal
 */
export const waiting = (state: Permits): void => {
  state.queued++
}

/**
 * Somebody does not wait any more, and has no permit.
 *
 * @internal
 */
export const left = (state: Permits): void => {
  state.queued--
}

/**
 * One of those who wait has a permit.
 *
 * @internal
 */
export const handed = (state: Permits): void => {
  state.active++
  state.queued--
}

/**
 * A permit is given back, by one who was not hanging.
 *
 * @internal
 */
export const freed = (state: Permits): void => {
  state.active--
}

/**
 * The caller of an operation has been answered, and the operation goes on. It has to remember the generation.
 *
 * @internal
 */
export const hung = (state: Permits): void => {
  state.hanging++
}

/**
 * What an operation has to remember whose own permit was given up, apart from the others'.
 *
 * @internal
 */
export const givenUp = -1

/**
 * An operation that was hung in `since` has settled: its permit comes back, unless it had been given up.
 *
 * @internal
 */
export const settled = (state: Permits, since: number): void => {
  if (since === state.generation) {
    state.active--
    state.hanging--
  } else {
    state.abandoned--
  }
}

/**
 * The permit of one operation that was hung in `since` is given up, unless it has been.
 *
 * @internal
 */
export const abandonedOne = (state: Permits, since: number): void => {
  if (since !== state.generation) return
  state.active--
  state.hanging--
  state.abandoned++
}

/**
 * The permits of all that hang are given up.
 *
 * @internal
 */
export const abandonedAll = (state: Permits): void => {
  state.active -= state.hanging
  state.abandoned += state.hanging
  state.hanging = 0
  state.generation++
}

/**
 * There are so many permits from now on. Where more are held, nobody is cut off: they are not handed on when they come back.
 *
 * @internal
 */
export const resized = (state: Permits, permits: number): void => {
  state.permits = permits
}
