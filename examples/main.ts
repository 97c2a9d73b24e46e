/**
 * `npm run example [name] [--speed n]`: plays the programs, one after the other, or the one that is named. Ends with 0 only if
 * all went as promised.
 */
import { breaker } from './breaker'
import { type Played, play } from './program'
import { found } from './until-found'
import { valid } from './until-valid'
import { uploads } from './uploads'

type Play = (speed: number, say: (line: string) => void) => Promise<Played>

interface Playable {
  readonly name: string
  readonly about: string
  readonly play: Play
}

/** The programs, whatever the types of their results. */
export const programs: ReadonlyArray<Playable> = [
  { name: uploads.name, about: uploads.about, play: (speed, say) => play(uploads, speed, say) },
  { name: found.name, about: found.about, play: (speed, say) => play(found, speed, say) },
  { name: breaker.name, about: breaker.about, play: (speed, say) => play(breaker, speed, say) },
  { name: valid.name, about: valid.about, play: (speed, say) => play(valid, speed, say) }
]

/** Plays the programs of these names, or all; says whether all promises were kept. */
export const main = async (args: ReadonlyArray<string>, print: (line: string) => void): Promise<boolean> => {
  const at = args.indexOf('--speed')
  const speed = at < 0 ? 1 : Number(args[at + 1])
  const names = args.filter((_, i) => at < 0 || (i !== at && i !== at + 1))
  const unknown = names.filter((name) => !programs.some((program) => program.name === name))
  if (unknown.length > 0 || !(speed > 0)) {
    print(`usage: npm run example -- [${programs.map(({ name }) => name).join(' | ')}] [--speed n]`)
    return false
  }
  let kept = true
  for (const { name, about, play } of programs) {
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
