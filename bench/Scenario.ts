/** What a scenario is: contenders that do the same thing, and what is measured of each, in a process of its own. */

/** One number that a measure takes, and what is to be reached. */
export interface Metric {
  readonly title: string
  readonly unit: string
  /** At most this, for ours. */
  readonly reach?: number
  readonly digits: number
}

export interface Options {
  /** Fewer and smaller blocks. */
  readonly quick: boolean
}

export interface Sample {
  /** One value for each metric. */
  readonly values: ReadonlyArray<number>
  /** What `raw` came to in the same process, in the unit that the measure names. */
  readonly raw?: number
}

/** A way to measure a subject. Each (scenario, measure, contender, round) is one process, started with these flags. */
export interface Measure<T> {
  readonly name: string
  readonly metrics: ReadonlyArray<Metric>
  readonly flags: ReadonlyArray<string>
  /** The unit of `raw`, if the measure takes it. */
  readonly raw?: string
  readonly take: (subject: T, options: Options) => Promise<Sample>
}

export interface Scenario {
  readonly name: string
  readonly title: string
  readonly contenders: ReadonlyArray<string>
  readonly measures: ReadonlyArray<Omit<Measure<never>, 'take'>>
  readonly take: (measure: string, contender: string, options: Options) => Promise<Sample>
}

/**
 * A scenario. The first contender is ours. A contender imports what it needs when it is called, so that a process loads
 * nothing of the others.
 */
export const scenario = <T>(definition: {
  readonly name: string
  readonly title: string
  readonly contenders: Readonly<Record<string, () => T | Promise<T>>>
  readonly measures: ReadonlyArray<Measure<T>>
}): Scenario => ({
  name: definition.name,
  title: definition.title,
  contenders: Object.keys(definition.contenders),
  measures: definition.measures.map(({ take: _, ...rest }) => rest),
  take: async (name, contender, options) => {
    const measure = definition.measures.find((measure) => measure.name === name)
    const subject = definition.contenders[contender]
    if (measure === undefined || subject === undefined) throw new Error(`there is no ${name} of ${contender}`)
    return measure.take(await subject(), options)
  }
})
