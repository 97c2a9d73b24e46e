import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

interface Manifest {
  readonly types: string
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>
}

const text = readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')
const manifest = JSON.parse(text) as Manifest

/** What a user imports, and the declarations that are meant by it. */
const entries = Object.entries(manifest.exports).flatMap(([path, to]) =>
  typeof to === 'string' ? [] : [[`resilience-ts${path.slice(1)}`, to.types] as const]
)

/** An installed package of which nothing is there but its manifest and these declarations. */
const home = '/app/node_modules/resilience-ts'
const files = new Map([[`${home}/package.json`, text], ...entries.map(([, types]) => [join(home, types), ''] as const)])
const host: ts.ModuleResolutionHost = {
  fileExists: (path) => files.has(path),
  readFile: (path) => files.get(path),
  directoryExists: (path) => [...files.keys()].some((file) => file.startsWith(`${path}/`))
}

/** The first knows nothing of `exports`. */
const ways = [
  ['node10', 'commonjs'],
  ['node16', 'node16'],
  ['bundler', 'esnext']
] as const

describe.each(ways)('TypeScript that resolves modules as %s', (moduleResolution, module) => {
  const { options } = ts.convertCompilerOptionsFromJson({ moduleResolution, module }, '/app')

  it.each(entries)('finds %s', (name, types) => {
    const { resolvedModule } = ts.resolveModuleName(name, '/app/index.ts', options, host)
    expect(resolvedModule?.resolvedFileName).toBe(join(home, types))
  })

  it('finds no more than there is', () => {
    expect(
      ts.resolveModuleName('resilience-ts/Callback', '/app/index.ts', options, host).resolvedModule
    ).toBeUndefined()
  })
})
