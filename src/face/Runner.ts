/**
 * A policy made ready: `make` compiles the description against a runtime and gives its state a home; and the ways to use it.
 *
 * @since 0.1.0
 */
export { make, mapDefect } from '../Runner'
export type { Answers, NoOptions, ReportOptions, Runner, RunOptions, Status } from '../Runner'
export * from '../use/Attempts'
export * from '../use/Promises'
export * from '../use/Wrap'
