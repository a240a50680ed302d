import type { Capture } from '../../../base/capture.ts'
import { captureCode } from './capture-code.ts'
import { captureEnvironment } from './capture-environment.ts'
import { diffCode } from './diff-code.ts'

/** Captures and compares code with the git program, and the machine through Node. */
export const nodeCapture: Capture = { captureCode, captureEnvironment, diffCode }
