/** Gives the person a file, whose name is the last of a path. */
export function download(path: string, content: string | Uint8Array, type: string): void {
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = path.split('/').at(-1) ?? path
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** Gives the person a file without a type, so that nothing in it is run. */
export function downloadPlain(path: string, content: string | Uint8Array): void {
  download(path, content, 'application/octet-stream')
}
