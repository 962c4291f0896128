import { type JsonValue, LongshoreError } from '@longshore/contract';

/** Throws INVALID_INPUT for anything but a whole number. */
export const readWholeNumber = (option: string, text: string): number => {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value)) return value;
  throw new LongshoreError(
    'INVALID_INPUT',
    `--${option} must be a whole number, not ${JSON.stringify(text)}.`,
  );
};

/** Throws INVALID_INPUT for anything but a finite number. */
export const readNumber = (option: string, text: string): number => {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new LongshoreError('INVALID_INPUT', `--${option} must be a number, not ${JSON.stringify(text)}.`);
};

/** Throws INVALID_INPUT when an option that must be given is not. */
export const requireValue = (option: string, text: string | undefined): string => {
  if (text) return text;
  throw new LongshoreError('INVALID_INPUT', `--${option} is missing.`);
};

/** Throws INVALID_INPUT for anything but one of the choices. */
export const readChoice = <Choice extends string>(
  option: string,
  text: string,
  choices: readonly Choice[],
): Choice => {
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw new LongshoreError('INVALID_INPUT', `--${option} must be one of ${choices.join(', ')}.`);
};

/** Throws INVALID_INPUT for text that is no JSON; `subject` names it. The text itself is not repeated. */
export const readJson = (subject: string, text: string): JsonValue => {
  try {
    return JSON.parse(text);
  } catch {
    throw new LongshoreError('INVALID_INPUT', `${subject} is not JSON.`, {
      hint: 'Quote it for the shell, such as \'{"name":"Ada"}\'.',
    });
  }
};
