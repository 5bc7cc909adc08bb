// Sending a file: announced, then its bytes as they are, with progress and a way to stop.
import { answer, api, refused, type Schemas } from './client'
import { unreachable } from './refusal'
import { noted } from './seen'
import { tokenOfSession } from './session'

export type ReportMade = Schemas['ReportMade']

export interface Upload {
  patient: string
  report: Schemas['NewReport']
  file: Blob
  /** From 0 to 1. */
  progress: (part: number) => void
  signal: AbortSignal
}

/** Stores a report. Stopped or broken off, nothing is stored. */
export async function upload({ patient, report, file, progress, signal }: Upload) {
  const params = { path: { patient } }
  const made = await answer(
    api.POST('/api/v1/patients/{patient}/reports', { params, body: report, signal }),
  )
  return noted(await put(made.ticket, file, progress, signal))
}

/** `fetch` tells no progress of what it sends. */
function put(
  ticket: string,
  file: Blob,
  progress: (part: number) => void,
  signal: AbortSignal,
): Promise<ReportMade> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', '/api/v1/uploads')
    request.responseType = 'text'
    request.setRequestHeader('Upload-Ticket', ticket)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    const token = tokenOfSession()
    if (token) request.setRequestHeader('X-CSRF-Token', token)
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0)
    request.onerror = () => reject(unreachable())
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'))
    request.onload = () => {
      const body: unknown = parsed(request.responseText)
      if (request.status === 201) return resolve(body as ReportMade)
      const wait = request.getResponseHeader('Retry-After')
      const headers = wait === null ? {} : { 'Retry-After': wait }
      reject(refused(body, new Response(null, { status: request.status, headers })))
    }
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
