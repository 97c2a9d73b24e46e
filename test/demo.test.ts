import { callsSeen } from '../examples/demo/client'
import { scenarios } from '../examples/demo/scenarios'
import { type Service, startService } from '../examples/demo/service'

// in real time, against a real service: that of `npm run demo`, but in this process

describe('the demo', () => {
  const { signal } = new AbortController()
  let service: Service
  const address = () => `http://127.0.0.1:${service.port}`

  beforeAll(async () => {
    service = await startService()
    await callsSeen(address(), '/')()
  })
  afterAll(() => {
    service.close()
  })

  it.each(scenarios)('$name', async ({ play }) => {
    const world = { service: address(), signal, observer: () => () => {} }
    const { kept, broken } = await play(world)()
    expect(broken).toEqual([])
    expect(kept.length).toBeGreaterThan(0)
  })
})
