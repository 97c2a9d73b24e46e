/** A number from the environment, by which somebody asks a test to try harder, or the same again; none where it is not set. */
export const setting = (name: string): number | undefined => {
  const text = process.env[name]
  return text === undefined || text === '' ? undefined : Number(text)
}
