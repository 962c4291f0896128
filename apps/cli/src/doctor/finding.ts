/** What one check found. */
export interface Finding {
  check: string;
  level: 'ok' | 'warn' | 'fail';
  message: string;
  /** What to do about it. */
  advice?: string;
}

type Judge = (check: string, message: string, advice?: string) => Finding;

const finding =
  (level: Finding['level']): Judge =>
  (check, message, advice) => ({ check, level, message, ...(advice !== undefined && { advice }) });

export const ok = finding('ok');
export const warn = finding('warn');
export const fail = finding('fail');

/** The findings of a check, or a failure that says why it could not be made. */
export const tryCheck = async (
  check: string,
  advice: string,
  look: () => Promise<Finding | Finding[]>,
): Promise<Finding[]> => {
  try {
    return [await look()].flat();
  } catch (error) {
    return [fail(check, error instanceof Error ? error.message : String(error), advice)];
  }
};
