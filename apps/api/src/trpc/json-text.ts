/** An answer whose JSON text is known already, so that a single call need not make it again. */
export class JsonText {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** The text of a Value, typed as what its reader will get. */
  static of<Value>(text: string): Value {
    return new JsonText(text) as Value;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}
