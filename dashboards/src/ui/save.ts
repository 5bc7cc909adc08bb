// Gives the person a file that was made on the page.

export function save(name: string, what: BlobPart, type = 'application/octet-stream') {
  const url = URL.createObjectURL(new Blob([what], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
