/** Splits a list of fields at its commas; those in quotes belong to names. */
export function splitFields(text: string): readonly string[] {
  const fields: string[] = []
  let [field, quote] = ['', '']
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] as string
    if (sign === '\\' && quote !== '') {
      field += sign + (text[++at] ?? '')
      continue
    }
    if (quote === '' ? sign === '"' || sign === "'" : sign === quote)
      quote = quote === '' ? sign : ''
    if (sign === ',' && quote === '') {
      fields.push(field)
      field = ''
    } else field += sign
  }
  fields.push(field)
  return fields.map((each) => each.trim()).filter((each) => each !== '')
}

/** Returns the last name of a field, without quotes, for a heading: `lr` of `params.lr`. */
export function shortName(field: string): string {
  const cut = /^(?:params|metrics|environment|datasets|artifacts)\.(.+)$/s.exec(field)
  return (cut?.[1] ?? field).replace(/"((?:[^"\\]|\\.)*)"/g, (found, inner: string) => {
    try {
      return JSON.parse(found) as string
    } catch {
      return inner
    }
  })
}
