import * as v from 'valibot';
import type { Form } from '../feedback/form';
import { formSchema } from './formSchema';

/** A form in a file of its own, as JSON. */
export function writeFormFile(form: Form): string {
  return `${JSON.stringify(form, null, 2)}\n`;
}

/** Why a file is not taken as a form. */
export class FormFileError extends Error {
  constructor(
    /** Name of the field that is wrong, with dots for depth and places counted from 0; empty for the file as a whole. */
    readonly field: string,
    reason: string,
  ) {
    super(`${field ? `Field ${JSON.stringify(field)}` : 'The file'}: ${reason}. Nothing was changed.`);
    this.name = 'FormFileError';
  }
}

// The longest guidelines and every question at its longest stay below it.
const LARGEST = 4 << 20;

/**
 * Read a form; what this version does not know of it is left out.
 * @throws FormFileError that names the field
 */
export async function readFormFile(file: Blob): Promise<Form> {
  if (file.size > LARGEST) throw new FormFileError('', 'it is larger than 4 MB, and no form is');
  const value = parsed(await file.text());
  const result = v.safeParse(formSchema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  throw field === null ? new FormFileError('', 'it holds no form') : new FormFileError(field, issue.message);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new FormFileError('', 'it is not JSON, as a form that the lab saved would be');
  }
}
