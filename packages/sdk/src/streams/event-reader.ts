/** One event of a stream, as its fields say. */
export interface StreamMessage {
  event: string;
  data: string;
  id: string | undefined;
}

/** Takes the next piece of text, and answers the events that it completes. */
export type EventReader = (piece: string) => StreamMessage[];

/**
 * Reads server-sent events out of text that arrives in whatever pieces: the HTML standard, section "Parsing an event stream". What
 * clients do with `retry` and with an id that was remembered is the caller's.
 */
export const createEventReader = (): EventReader => {
  let unread = '';
  let isBegun = false;
  let message = emptyMessage();

  /** An event when this line completes one. */
  const readLine = (line: string): StreamMessage | undefined => {
    if (line !== '') {
      addField(message, line);
      return undefined;
    }
    const { lines, ...rest } = message;
    message = emptyMessage();
    return lines.length === 0 ? undefined : { ...rest, data: lines.join('\n') };
  };

  return (piece) => {
    if (!isBegun) piece = piece.replace(/^\uFEFF/, '');
    isBegun ||= piece !== '';
    // A carriage return at the end may be the half of a line's end.
    const lines = (unread + piece).split(/\r\n|\n|\r(?!$)/);
    unread = lines.pop()!;
    return lines.map(readLine).filter((read) => read !== undefined);
  };
};

interface UnreadMessage {
  event: string;
  id: string | undefined;
  lines: string[];
}

const emptyMessage = (): UnreadMessage => ({ event: 'message', id: undefined, lines: [] });

const addField = (message: UnreadMessage, line: string): void => {
  const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
  if (name === 'data') message.lines.push(value);
  else if (name === 'event') message.event = value || 'message';
  else if (name === 'id' && !value.includes('\0')) message.id = value;
};
