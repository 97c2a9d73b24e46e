/**
 * The arithmetic of permits: pure, over plain data that JSON can carry, and O(1). Who waits, and in which order, is the
 * queue's business; here it is only counted.
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
  readonly permits: number
  /** How many are held, those of hanging operations included. */
  readonly active: number
  /** How many of those are held by operations whose caller has been answered. */
  readonly hanging: number
  /** Operations that hang still, and whose permit was given up. */
  readonly abandoned: number
  /** How many wait. */
  readonly queued: number
  /** What is hanging was hung in this generation, or has been abandoned: so all are abandoned at once, without a list. */
  readonly generation: number
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
 * What becomes of one who arrives, where so many may wait. Nobody overtakes those who wait already.
 *
 * @internal
 */
export const arrive = (state: Permits, room: number): Verdict => {
  if (state.queued === 0 && state.active < state.permits) return 'Run'
  return state.queued < room ? 'Wait' : 'Refuse'
}

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
export const taken = ({ permits, active, hanging, abandoned, queued, generation }: Permits): Permits => ({
  permits,
  active: active + 1,
  hanging,
  abandoned,
  queued,
  generation
})

/**
 * Somebody begins to wait.
 *
 * @internal
 */
export const waiting = ({ permits, active, hanging, abandoned, queued, generation }: Permits): Permits => ({
  permits,
  active,
  hanging,
  abandoned,
  queued: queued + 1,
  generation
})

/**
 * Somebody does not wait any more, and has no permit.
 *
 * @internal
 */
export const left = ({ permits, active, hanging, abandoned, queued, generation }: Permits): Permits => ({
  permits,
  active,
  hanging,
  abandoned,
  queued: queued - 1,
  generation
})

/**
 * One of those who wait has a permit.
 *
 * @internal
 */
export const handed = ({ permits, active, hanging, abandoned, queued, generation }: Permits): Permits => ({
  permits,
  active: active + 1,
  hanging,
  abandoned,
  queued: queued - 1,
  generation
})

/**
 * A permit is given back, by one who was not hanging.
 *
 * @internal
 */
export const freed = ({ permits, active, hanging, abandoned, queued, generation }: Permits): Permits => ({
  permits,
  active: active - 1,
  hanging,
  abandoned,
  queued,
  generation
})

/**
 * The caller of an operation has been answered, and the operation goes on. It has to remember the generation.
 *
 * @internal
 */
export const hung = ({ permits, active, hanging, abandoned, queued, generation }: Permits): Permits => ({
  permits,
  active,
  hanging: hanging + 1,
  abandoned,
  queued,
  generation
})

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
export const settled = (state: Permits, since: number): Permits => {
  const { permits, active, hanging, abandoned, queued, generation } = state
  return since === generation
    ? { permits, active: active - 1, hanging: hanging - 1, abandoned, queued, generation }
    : { permits, active, hanging, abandoned: abandoned - 1, queued, generation }
}

/**
 * The permit of one operation that was hung in `since` is given up, unless it has been.
 *
 * @internal
 */
export const abandonedOne = (state: Permits, since: number): Permits => {
  const { permits, active, hanging, abandoned, queued, generation } = state
  return since === generation
    ? { permits, active: active - 1, hanging: hanging - 1, abandoned: abandoned + 1, queued, generation }
    : state
}

/**
 * The permits of all that hang are given up.
 *
 * @internal
 */
export const abandonedAll = ({ permits, active, hanging, abandoned, queued, generation }: Permits): Permits => ({
  permits,
  active: active - hanging,
  hanging: 0,
  abandoned: abandoned + hanging,
  queued,
  generation: generation + 1
})

/**
 * There are so many permits from now on. Where more are held, nobody is cut off: they are not handed on when they come back.
 *
 * @internal
 */
export const resized = ({ active, hanging, abandoned, queued, generation }: Permits, permits: number): Permits => ({
  permits,
  active,
  hanging,
  abandoned,
  queued,
  generation
})
