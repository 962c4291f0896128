/** A stream of events as an answer like any other: what it says first, or the error by which it ends. Lets go of it then. */
export const readFirstEvent = async (response: Response): Promise<{ status: number; text: string }> => {
  if (!response.headers.get('content-type')?.includes('text/event-stream'))
    return { status: response.status, text: await response.text() };
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const answer = text.split('\n\n').slice(0, -1).map(toAnswer).find(Boolean);
    if (answer) return answer;
  }
  throw new Error(`a stream ended without a word: ${text}`);
};

/** Undefined for what says nothing, such as a sign of life. */
const toAnswer = (frame: string): { status: number; text: string } | undefined => {
  const { event, data = '' } = Object.fromEntries(
    frame.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  ) as { event?: string; data?: string };
  if (event === undefined) return { status: 200, text: `{"result":{"data":${data}}}` };
  if (event === 'return') return { status: 200, text: '{"result":{}}' };
  if (event !== 'serialized-error') return undefined;
  const shape = JSON.parse(data) as { data: { httpStatus: number } };
  return { status: shape.data.httpStatus, text: `{"error":${data}}` };
};
