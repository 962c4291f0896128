import type { Frame } from './fold-samples.ts';

/** Where a frame is drawn: x and width in pixels, depth in rows from the root. */
export interface Box {
  frame: Frame;
  x: number;
  width: number;
  depth: number;
}

/**
 * Lays a tree out as a flame graph: a frame is as wide as its share of the root's time, its calls stand on it from left
 * to right in the order given. Frames narrower than `minWidth` pixels are left out, with all that they called.
 */
export const layOutFlame = (root: Frame, width: number, minWidth: number): Box[] => {
  const boxes: Box[] = [];
  const place = (frame: Frame, x: number, depth: number): void => {
    const own = (frame.totalUs / root.totalUs) * width;
    // Not `own < minWidth`: a root without time has no width at all.
    if (!(own >= minWidth)) return;
    boxes.push({ frame, x, width: own, depth });
    let left = x;
    for (const child of frame.children) {
      place(child, left, depth + 1);
      left += (child.totalUs / root.totalUs) * width;
    }
  };
  place(root, 0, 0);
  return boxes;
};
