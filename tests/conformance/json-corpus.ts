/** A JSON text as a caller may send it, and what becomes of it. */
export interface CorpusEntry {
  name: string;
  /** Raw, because much of this does not survive being parsed and written again. */
  json: string;
  /** The code that refuses it, or what is read back. */
  verdict: { code: 'INVALID_INPUT' | 'TOO_LARGE' } | { value: unknown };
}

const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
const refused = { code: 'INVALID_INPUT' } as const;

/** Section 3.20 of the reliability reference. */
export const jsonCorpus: CorpusEntry[] = [
  { name: 'NUL in a value', json: String.raw`{"a":"x\u0000y"}`, verdict: refused },
  { name: 'NUL in a key', json: String.raw`{"x\u0000y":1}`, verdict: refused },
  { name: 'a lone high surrogate', json: String.raw`["\ud800"]`, verdict: refused },
  { name: 'a lone low surrogate in a key', json: String.raw`{"\udc00":1}`, verdict: refused },
  { name: 'a number beyond the finite', json: '[1e400]', verdict: refused },
  { name: 'a number far beyond the finite', json: '{"a":-1e100000}', verdict: refused },
  { name: 'an integer beyond 2^53', json: '{"id":9007199254740993}', verdict: refused },
  { name: 'an integer beyond -2^53', json: '[-9007199254740993]', verdict: refused },
  { name: 'nesting of 65', json: nested(65), verdict: refused },
  { name: 'nesting of 5,000', json: nested(5_000), verdict: refused },
  { name: 'the key __proto__', json: '{"a":{"__proto__":{"isAdmin":true}}}', verdict: refused },
  { name: 'nesting of 64', json: nested(64), verdict: { value: JSON.parse(nested(64)) } },
  { name: 'a key given twice', json: '{"a":1,"b":2,"a":3}', verdict: { value: { a: 3, b: 2 } } },
  { name: 'the largest safe integer', json: '[9007199254740991]', verdict: { value: [9007199254740991] } },
  {
    name: 'the key constructor',
    json: '{"constructor":{"prototype":1}}',
    verdict: { value: { constructor: { prototype: 1 } } },
  },
  { name: 'a pair of surrogates', json: String.raw`"\ud83d\ude80"`, verdict: { value: '🚀' } },
  {
    name: 'fractions and exponents',
    json: '[0.1,-0.0,1e-7,1.5e21]',
    verdict: { value: [0.1, 0, 1e-7, 1.5e21] },
  },
  {
    name: 'numbers at the edges of the finite',
    json: '[1e308,-1e308,1e-300]',
    verdict: { value: [1e308, -1e308, 1e-300] },
  },
  { name: 'null', json: 'null', verdict: { value: null } },
];

/** A JSON string of so many bytes, quotes included. */
export const textOfBytes = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`;
