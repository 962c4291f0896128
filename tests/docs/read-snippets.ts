import { readdir, readFile } from 'node:fs/promises';

const root = new URL('../../', import.meta.url);

export interface Snippet {
  /** The document it stands in, from the root. */
  document: string;
  language: string;
  code: string;
}

/** Every fenced block of README.md, packages' READMEs and docs/, in order. */
export const readSnippets = async (): Promise<Snippet[]> => {
  const guides = (await readdir(new URL('docs/', root))).filter((name) => name.endsWith('.md'));
  const documents = ['README.md', ...guides.map((name) => `docs/${name}`)];
  const texts = await Promise.all(documents.map((document) => readFile(new URL(document, root), 'utf8')));
  return texts.flatMap((text, index) =>
    [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
      document: documents[index]!,
      language: match[1]!,
      code: match[2]!,
    })),
  );
};
