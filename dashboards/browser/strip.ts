// A strip of an electrocardiograph, far longer than a screen has pixels, with fine print that a machine reads.
import { deflateSync } from 'node:zlib'
import type { Page } from '@playwright/test'

const WIDTH = 30_000
const HEIGHT = 400
/** Pixels of the strip for one bit of the print. */
const BIT = 2

/** In the middle of the strip, a column of two pixels for each bit. */
export const PRINT = 'QRS 92 ms, QT 388 ms, axis 41; lead V3'

const bits = [...Buffer.from(PRINT)].flatMap((byte) =>
  Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1),
)
const begins = WIDTH / 2 - (bits.length * BIT) / 2

/** Of the Portable Network Graphics specification, annex D. */
function crc(bytes: Buffer): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let i = 0; i < 8; i += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  }
  return (sum ^ 0xffffffff) >>> 0
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc(body), body.length + 4)
  return framed
}

/** The strip: a curve, and over it the print in its full height. */
export function strip(): Buffer {
  const row = WIDTH + 1
  const pixels = Buffer.alloc(row * HEIGHT, 255)
  for (let y = 0; y < HEIGHT; y += 1) {
    pixels[y * row] = 0
    for (const [i, bit] of bits.entries()) {
      const at = y * row + 1 + begins + i * BIT
      if (bit) pixels.fill(0, at, at + BIT)
    }
  }
  for (let x = 0; x < begins - 100; x += 1) pixels[(200 + (x % 97)) * row + 1 + x] = 0
  const head = Buffer.alloc(13)
  head.writeUInt32BE(WIDTH, 0)
  head.writeUInt32BE(HEIGHT, 4)
  // Eight bits of grey, not interlaced.
  head[8] = 8
  const parts = [
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.of()),
  ]
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts])
}

/** What a machine reads of the print in the picture that is shown; `wide` pixels of the strip are in it. */
export async function read(page: Page, wide: number): Promise<string> {
  const shares = await page.locator('img.drawn').evaluate((shown: HTMLImageElement) => {
    const { naturalWidth: width, naturalHeight: height } = shown
    const canvas = new OffscreenCanvas(width, height)
    const context = canvas.getContext('2d')
    context?.drawImage(shown, 0, 0)
    const { data } = context?.getImageData(0, 0, width, height) ?? { data: [] }
    return Array.from({ length: width }, (_, x) => {
      let dark = 0
      for (let y = 0; y < height; y += 1) dark += (data[(y * width + x) * 4] ?? 255) < 128 ? 1 : 0
      return dark / height
    })
  })
  const scale = shares.length / wide
  const left = WIDTH / 2 - wide / 2
  const isDark = (bit: number): number => {
    const at = Math.floor((begins - left + (bit + 0.5) * BIT) * scale)
    return (shares[at] ?? 0) > 0.5 ? 1 : 0
  }
  const bytes = Array.from({ length: bits.length / 8 }, (_, byte) =>
    Array.from({ length: 8 }, (_, i) => isDark(byte * 8 + i)).reduce(
      (sum, bit) => sum * 2 + bit,
      0,
    ),
  )
  return Buffer.from(bytes).toString('latin1')
}
