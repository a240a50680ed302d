/** One of some values; each with the text that is shown for it, if that is another. */
export function Choice(props: {
  readonly label: string
  /** Default: false; who sees nothing hears it anyway. */
  readonly hidesLabel?: boolean
  readonly value: string
  readonly options: readonly (string | readonly [value: string, text: string])[]
  readonly onPick: (value: string) => void
}) {
  const { label, hidesLabel = false, value, options, onPick } = props
  const select = (
    <select
      class="input"
      aria-label={hidesLabel ? label : undefined}
      value={value}
      onChange={({ currentTarget }) => onPick(currentTarget.value)}
    >
      {options.map((option) => {
        const [key, text] = typeof option === 'string' ? [option, option] : option
        return (
          <option key={key} value={key}>
            {text}
          </option>
        )
      })}
    </select>
  )
  if (hidesLabel) return select
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the one made above.
    <label>
      <span>{label}</span>
      {select}
    </label>
  )
}
