import { generate } from './examples.mjs'

export default async () => {
  generate()
}
