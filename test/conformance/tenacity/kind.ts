/** The name of what a vector is about: `wait_fixed`, `stop_any / |`, `wait callable(retry_state)`, `async retry_if_result`. */
export const kindOf = (feature: string): string =>
  /\b(?:wait|stop|retry)[_ ]\w+/.exec(feature)?.[0].replace(' ', '_') ?? ''
