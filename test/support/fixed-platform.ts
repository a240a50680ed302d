import type { Platform } from '../../src/base/platform.ts'
import { createMemoryPlatform, type MemoryPlatformOptions } from '../../src/host/memory/platform.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'

/** Makes a platform on which the same calls give the same ids and times, from 2026-01-01 on. */
export function createFixedPlatform(options: MemoryPlatformOptions = {}): Platform {
  const startMs = Date.UTC(2026, 0, 1)
  return createMemoryPlatform(createNodePlatform(), { startMs, ...options })
}
