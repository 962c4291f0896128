// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings hold source text.

import { expect, test } from 'vitest';
import { templatesOf } from './template-literals.ts';

test('templates are found with their tags, inside of interpolations too', () => {
  const text = [
    'const a = sql<Row>`select ${name} and ${`longshore_${role}`}`.execute(tx);',
    '// not `this` one',
    "const b = 'nor `this`';",
    'const c = `plain`;',
    'const f = (): Promise<Row[]> => sql<{ a: Promise<X> }>`two ${() => ({ a: `x` })}`;',
  ].join('\n');
  expect(templatesOf(text).map(({ tag, value, line }) => [tag, value, line])).toEqual([
    [undefined, 'longshore_${role}', 1],
    ['sql', 'select ${name} and ${`longshore_${role}`}', 1],
    [undefined, 'plain', 4],
    [undefined, 'x', 5],
    ['sql', 'two ${() => ({ a: `x` })}', 5],
  ]);
});
