import { open } from 'node:fs/promises'
import { decodeUtf8, encodeUtf8 } from '../../../base/bytes.ts'
import { digestFile } from './git-objects.ts'

/**
 * Returns the Git LFS pointer that a file is committed as; `undefined` if it is committed as it is,
 * being a pointer already, or empty (git-lfs specification, “The Pointer”).
 */
export async function pointerOf(
  file: string,
  signal: AbortSignal
): Promise<Uint8Array | undefined> {
  if (await isPointer(file)) return undefined
  const { sha256, sizeBytes } = await digestFile(file, signal)
  if (sizeBytes === 0) return undefined
  return encodeUtf8(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${sizeBytes}\n`
  )
}

async function isPointer(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(1024), 0, 1024, 0)
    const start = decodeUtf8(buffer.subarray(0, bytesRead))
    const isSmall = bytesRead < 1024
    return isSmall && /^version https:\/\/(git-lfs\.github|hawser\.github)\.com\/spec\//.test(start)
  } finally {
    await handle.close()
  }
}
