import type { CaptureWarning, CaptureWarningCode } from '../../../base/capture.ts'
import { type CodedError, isCoded } from '../../../base/errors.ts'
import { captureErrors } from './errors.ts'

/** Makes the warning that a failure is reported as. */
export function warningOf(error: CodedError): CaptureWarning {
  return { code: error.code as CaptureWarningCode, message: error.message }
}

/** Tells whether a failure is one of those that become warnings. */
export function isCaptureTrouble(error: unknown): error is CodedError {
  return isCoded(error) && (captureErrors.codes as readonly string[]).includes(error.code)
}
