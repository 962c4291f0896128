export interface Template {
  /** The name it is tagged with, such as sql. */
  tag: string | undefined;
  /** Between the backticks, interpolations as written. */
  value: string;
  line: number;
  isInterpolated: boolean;
}

/**
 * The template literals of a TypeScript text, with those inside interpolations. Comments and other strings are passed over.
 * A walk, not a parser: a backtick inside a regular expression would be taken for a template.
 */
export const templatesOf = (text: string): Template[] => {
  const templates: Template[] = [];
  readCode(text, 0, templates);
  return templates.sort((one, other) => one.line - other.line);
};

const passedOver = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y;

/** Reads code from `start` to the brace that closes it, or to the end. Answers where it stopped. */
const readCode = (text: string, start: number, found: Template[]): number => {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    passedOver.lastIndex = at;
    const passed = passedOver.exec(text);
    if (passed) at += passed[0].length;
    else if (text[at] === '`') at = readTemplate(text, at, found);
    else if (text[at] === '}' && depth === 0 && start > 0) return at;
    else {
      if (text[at] === '{') depth++;
      if (text[at] === '}') depth--;
      at++;
    }
  }
  return at;
};

/** Reads the template that opens at `start`. Answers the place behind its end. */
const readTemplate = (text: string, start: number, found: Template[]): number => {
  let isInterpolated = false;
  let at = start + 1;
  while (at < text.length && text[at] !== '`') {
    if (text[at] === '\\') at += 2;
    else if (text.startsWith('${', at)) {
      isInterpolated = true;
      at = readCode(text, at + 2, found) + 1;
    } else at++;
  }
  found.push({
    tag: tagBefore(text.slice(Math.max(0, start - 200), start)),
    value: text.slice(start + 1, at),
    line: text.slice(0, start).split('\n').length,
    isInterpolated,
  });
  return at + 1;
};

const tagBefore = (text: string): string | undefined =>
  /([\w.]+)(?:<(?:[^<>`]|<[^<>`]*>)*>)?$/.exec(text)?.[1];
