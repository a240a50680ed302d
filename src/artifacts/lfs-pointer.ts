import { encodeUtf8 } from '../base/bytes.ts'

/**
 * What stands in the history for content that lies beside it (Git LFS, docs/spec.md, “The Pointer”).
 */
export interface LfsPointer {
  /** SHA-256 of the content: 64 hexadecimal digits. */
  readonly sha256: string
  readonly sizeBytes: number
}

const MAX_BYTES = 1024
const POINTER =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-\d-[^\n]+\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,15})\n?$/

/** Formats a pointer, to the byte as git-lfs does. */
export function formatLfsPointer({ sha256, sizeBytes }: LfsPointer): Uint8Array {
  return encodeUtf8(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${sizeBytes}\n`
  )
}

/** Parses a pointer; `undefined` for any other content. */
export function parseLfsPointer(bytes: Uint8Array): LfsPointer | undefined {
  if (bytes.length > MAX_BYTES) return undefined
  const match = POINTER.exec(String.fromCharCode(...bytes))
  return match === null ? undefined : { sha256: match[1] as string, sizeBytes: Number(match[2]) }
}
