/** A value whose JSON text is known already, so that a request that holds it need not make it again. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The JSON text of an input, whose lists may hold JsonText. */
export const writeInput = (input: unknown): string => {
  const fields = Object.entries(input ?? {}).filter(([, value]) => value !== undefined);
  return `{${fields.map(([name, value]) => `"${name}":${writeField(value)}`).join(',')}}`;
};

const writeField = (value: unknown): string =>
  Array.isArray(value) && value[0] instanceof JsonText
    ? `[${value.map(writeItem).join(',')}]`
    : JSON.stringify(value);

const writeItem = (item: unknown): string => (item instanceof JsonText ? item.text : JSON.stringify(item));
