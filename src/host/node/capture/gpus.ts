import { execFile } from 'node:child_process'
import type { EnvironmentCapture, Variables } from '../../../base/capture.ts'

const TIMEOUT_MS = 2_000

/** Asks NVIDIA's program for the graphics processors; `undefined` if it isn't there or has none. */
export function readGpus(
  env: Variables,
  signal?: AbortSignal
): Promise<EnvironmentCapture['gpus'] | undefined> {
  const args = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader']
  return new Promise((resolve, reject) => {
    const options = { env, timeout: TIMEOUT_MS, windowsHide: true, ...(signal ? { signal } : {}) }
    execFile('nvidia-smi', args, options, (error, output) => {
      if (signal?.aborted) return reject(signal.reason)
      const gpus = error ? [] : parseGpus(output)
      resolve(gpus.length > 0 ? gpus : undefined)
    })
  })
}

/** Parses lines such as `NVIDIA A100-SXM4-40GB, 40960 MiB, 535.104.05`. */
export function parseGpus(output: string): NonNullable<EnvironmentCapture['gpus']> {
  return output
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()))
    .filter(([name]) => name)
    .map(([name = '', memory = '', driver]) => {
      const mebibytes = /^(\d+) MiB$/.exec(memory)?.[1]
      return {
        name,
        ...(mebibytes ? { memoryBytes: Number(mebibytes) * 2 ** 20 } : {}),
        ...(driver ? { driver } : {})
      }
    })
}
