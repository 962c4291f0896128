import { expect, test } from 'vitest';
import { createEventReader } from './event-reader.ts';

const stream = [
  '\uFEFFevent: connected\ndata: {}\n\n',
  ': a comment\n\n',
  'data: {"a":\r\ndata:1}\r\nid: 7 8\r\n\r\n',
  'id: no event without data\n\n',
  'event: return\rdata\r\r',
  'retry: 5\nfield: of the future\ndata:  two spaces, one is kept: and a colon\n\n',
  'data: cut off',
].join('');

const events = [
  { event: 'connected', data: '{}', id: undefined },
  { event: 'message', data: '{"a":\n1}', id: '7 8' },
  { event: 'return', data: '', id: undefined },
  { event: 'message', data: ' two spaces, one is kept: and a colon', id: undefined },
];

test('events are read as the standard says', () => {
  expect(createEventReader()(stream)).toEqual(events);
});

test('events are the same in whatever pieces their text arrives', () => {
  for (let at = 0; at <= stream.length; at += 1) {
    const read = createEventReader();
    expect([...read(stream.slice(0, at)), ...read(stream.slice(at))]).toEqual(events);
  }
  const read = createEventReader();
  expect([...stream].flatMap((character) => read(character))).toEqual(events);
});
