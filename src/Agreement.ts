/**
 * What those who share a state by name must agree in, as text: their settings, but for functions, and for what holds unless given.
 *
 * @since 0.1.0
 */

/** A description that is shown with its settings, and with those that it is built from: a schedule, a trip. */
interface Description {
  readonly form: {
    readonly show: (settings: never, inner: ReadonlyArray<string>) => string
    readonly unlessGiven?: (settings: never) => object
  }
  readonly settings: object
  readonly inner: ReadonlyArray<Description>
}

/**
 * A description as it is shown, but for what holds unless given, and that one function looks like any other.
 *
 * @internal
 */
export const showAlike = ({ form, settings, inner }: Description): string =>
  form.show(
    Object.fromEntries(
      Object.entries(agreed(settings, form.unlessGiven?.(settings as never) ?? {})).map(([name, value]) => [
        name,
        typeof value === 'function' ? anyFunction : (value as unknown)
      ])
    ) as never,
    inner.map(showAlike)
  )

/** It has no name, so that it is shown the same however a bundler renames what it finds. */
const anyFunction = /*#__PURE__*/ Object.defineProperty(() => undefined, 'name', { value: '' })

/**
 * The settings that are not what they would be anyway, nor each one's own business.
 *
 * @internal
 */
export const agreed = <S extends object>(settings: S, unlessGiven: Partial<S>, own: ReadonlyArray<string> = none): S =>
  Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => value !== unlessGiven[name as keyof S] && !own.includes(name))
  ) as S

const none: ReadonlyArray<string> = []
