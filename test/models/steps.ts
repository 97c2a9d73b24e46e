import { setting } from '../setting'

// MODEL_STEPS=1000000 takes more steps, MODEL_SEED begins with another seed

/** How many random steps each model is compared over. */
export const steps = setting('MODEL_STEPS') ?? 10_000

/** The seed of the first of them. */
export const firstSeed = setting('MODEL_SEED') ?? 1

/** How long such a comparison may take, in ms: a million steps take a while. */
export const patience = Math.max(60_000, steps * 2)
