import type { ArgumentSpec, CliCommand, CommandInput, Context, OptionSpec } from './context.ts'

type Arguments = { readonly [name: string]: ArgumentSpec }
type Options = { readonly [name: string]: OptionSpec }
type Values<S> = { readonly [N in keyof S]: S[N] extends { readonly type?: infer T } ? T : never }

interface Definition<A extends Arguments, O extends Options>
  extends Omit<CliCommand, 'arguments' | 'options' | 'run'> {
  readonly arguments: A
  readonly options: O
  run(
    context: Context,
    input: { readonly args: Values<A>; readonly options: Values<O> }
  ): Promise<number | undefined>
}

/** Defines a command; the types of its arguments and options follow from their descriptions. */
export function defineCommand<A extends Arguments, O extends Options>(
  definition: Definition<A, O>
): CliCommand {
  return {
    ...definition,
    run: (context, input: CommandInput) =>
      definition.run(context, input as { args: Values<A>; options: Values<O> })
  }
}

/** Describes an argument that must be given. */
export function required(
  description: string,
  choices?: readonly string[]
): ArgumentSpec<string> & { readonly type?: string } {
  return { form: 'one', description, ...(choices ? { choices } : {}) }
}

/** Describes an argument that may be left away. */
export function optional(
  description: string,
  choices?: readonly string[]
): ArgumentSpec<string | undefined> {
  return { form: 'optional', description, ...(choices ? { choices } : {}) }
}

/** Describes an argument that must be given at least once. */
export function many(description: string): ArgumentSpec<readonly string[]> {
  return { form: 'many', description }
}

/** Describes an argument that may be given several times, or not at all. */
export function variadic(description: string): ArgumentSpec<readonly string[]> {
  return { form: 'any', description }
}

/** Describes an option without a value. */
export function flag(flags: string, description: string): OptionSpec<boolean> {
  return { form: 'flag', flags, description }
}

/** Describes an option with a value. */
export function text(flags: string, description: string): OptionSpec<string | undefined> {
  return { form: 'text', flags, description }
}

/** Describes an option that may be given several times. */
export function texts(flags: string, description: string): OptionSpec<readonly string[]> {
  return { form: 'texts', flags, description }
}

/** Describes an option whose value is a number from 1 on. */
export function whole(flags: string, description: string): OptionSpec<number | undefined> {
  return { form: 'whole', flags, description }
}
