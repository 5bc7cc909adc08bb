/** Gives a file to the person: a download of what is on the page already. */
export function save(name: string, bytes: Uint8Array) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([bytes as BlobPart]))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
