import { prepareSource } from './client/way-in.ts'

// Before all else of the page is made ready.
prepareSource()
