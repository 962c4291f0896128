/** The parts that every drawing of this room shares. Drawings stand alone: no script, no font, no style of a page. */

/** Text as it may stand in an element or an attribute. */
export const escapeText = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => entities[character as keyof typeof entities]);

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export interface Drawing {
  width: number;
  height: number;
  /** What it shows, for those who cannot see it. */
  title: string;
  /** CSS for light pages, and what differs on dark ones. */
  style: { light: string; dark: string };
  /** Elements, in the order they are painted. */
  elements: readonly string[];
}

/** A whole SVG document on a background of its own, so that it is legible on whatever page it is put. */
export const writeDrawing = ({ width, height, title, style, elements }: Drawing): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<style>`,
    `text { font: 12px system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif; fill: #1f2328 }`,
    `.paper { fill: #ffffff } .quiet { fill: #59636e } .title { font-weight: 600; font-size: 14px }`,
    style.light,
    `@media (prefers-color-scheme: dark) {`,
    `text { fill: #e6edf3 } .paper { fill: #0d1117 } .quiet { fill: #9198a1 }`,
    style.dark,
    `}`,
    `</style>`,
    `<rect class="paper" width="100%" height="100%"/>`,
    ...elements,
    `</svg>\n`,
  ].join('\n');

export interface TextOptions {
  class?: string;
  anchor?: 'start' | 'middle' | 'end';
}

/** A line of text whose baseline is at y. */
export const writeText = (x: number, y: number, text: string, options: TextOptions = {}): string =>
  `<text x="${round(x)}" y="${round(y)}"${options.class ? ` class="${options.class}"` : ''}` +
  `${options.anchor ? ` text-anchor="${options.anchor}"` : ''}>${escapeText(text)}</text>`;

/** A tenth of a pixel is as fine as anybody sees. */
export const round = (pixels: number): number => Math.round(pixels * 10) / 10;
