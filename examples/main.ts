/**
 * `npm run example [name] [--speed n]`: plays the programs, one after the other, or the one that is named. Ends with 0 only if
 * all went as promised.
 */
import { breaker } from './breaker'
import { play, type Played, type Program } from './program'
import { found } from './until-found'
import { valid } from './until-valid'
import { uploads } from './uploads'

/** A program, whatever the type of its result. */
export interface Playable {
  readonly name: string
  readonly about: string
  readonly play: (speed: number, say: (line: string) => void) => Promise<Played>
}

export const playable = <A>(program: Program<A>): Playable => ({
  name: program.name,
  about: program.about,
  play: (speed, say) => play(program, speed, say)
})

export const programs: ReadonlyArray<Playable> = [
  playable(uploads),
  playable(found),
  playable(breaker),
  playable(valid)
]

/** Plays the programs of these names, or all; says whether all promises were kept. */
export const main = async (
  args: ReadonlyArray<string>,
  print: (line: string) => void,
  known: ReadonlyArray<Playable> = programs
): Promise<boolean> => {
  const at = args.indexOf('--speed')
  const speed = at < 0 ? 1 : Number(args[at + 1])
  const names = args.filter((_, i) => at < 0 || (i !== at && i !== at + 1))
  const unknown = names.filter((name) => !known.some((program) => program.name === name))
  if (unknown.length > 0 || !(speed > 0)) {
    print(`usage: npm run example -- [${known.map(({ name }) => name).join(' | ')}] [--speed n]`)
    return false
  }
  let kept = true
  for (const { name, about, play } of known) {
    if (names.length > 0 && !names.includes(name)) continue
    print(`${name}: ${about}`)
    const played = await play(speed, (line) => {
      print(`   ${line}`)
    })
    for (const promise of played.kept) print(`   kept    ${promise}`)
    for (const promise of played.broken) print(`   BROKEN  ${promise}`)
    kept &&= played.broken.length === 0
  }
  return kept
}

if (require.main === module) {
  process.exitCode = 1
  void main(process.argv.slice(2), (line) => {
    console.log(line)
  }).then((kept) => {
    process.exitCode = kept ? 0 : 1
  })
}
