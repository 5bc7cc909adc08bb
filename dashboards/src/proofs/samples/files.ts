/** What tests check: the samples beside this file, which the real program made. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { LogFiles } from '../log-files'

const here = new URL('.', import.meta.url)

export function sample(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, here)))
}

export function sampleText(name: string): string {
  return readFileSync(new URL(name, here), 'utf8')
}

/** A file that another part of the repository keeps. */
export function repositoryText(name: string): string {
  return readFileSync(new URL(`../../../../${name}`, here), 'utf8')
}

/** The bundle as REST gives it. */
export function historyTar(): Uint8Array {
  return new Uint8Array(gunzipSync(sample('history.tar.gz')))
}

/** The log's public files as they lie in the samples. */
export const sampleLog: LogFiles = {
  async read(name) {
    try {
      return sample(`log/${name}`)
    } catch {
      return undefined
    }
  },
}
