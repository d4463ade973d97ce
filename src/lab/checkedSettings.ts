import * as v from 'valibot';
import { LabFailure } from './failure';

/** What a command brought, as its schema has it. Throws a `BadCommand` {@link LabFailure} that names the value that is wrong; `what` is the beginning of that sentence. */
export function checked<T>(schema: v.GenericSchema<unknown, T>, given: unknown, what: string): T {
  const result = v.safeParse(schema, given, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new LabFailure('BadCommand', `${what} cannot be used: ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
}
