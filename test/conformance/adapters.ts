/** One adapter for each system. */
import * as aioretry from './aioretry'
import * as article from './article'
import * as kaioretry from './kaioretry'
import * as poll from './poll'
import type { Adapter, System } from './question'
import * as tenacity from './tenacity'
import * as waitFor from './wait_for'

export const adapters: Readonly<Record<System, Adapter>> = {
  tenacity: tenacity.conform,
  wait_for: waitFor.conform,
  aioretry: aioretry.conform,
  kaioretry: kaioretry.conform,
  poll: poll.conform,
  article: article.conform
}
