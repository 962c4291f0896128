import { type Leaf, leavesOf, type Shape } from './input-shape.ts';

/** How an input is to be filled in. Paths are those of leavesOf. */
export interface Recipe {
  /** The text at a path; `place` is the one within the innermost list around it. */
  text(path: string, place: number): string;
  /** The free JSON at a path; something small if not said. */
  json?(path: string): unknown;
  /** Whether an optional part is to be there. */
  isWanted(path: string): boolean;
  /** How many items a list has; 1 if not said. */
  countOf?(path: string): number;
}

/** A valid input, as far as its shape tells: the smallest of everything. */
export const buildInput = (shape: Shape, recipe: Recipe, path = '', place = 0): unknown => {
  const at = (step: string): string => (path === '' ? step : `${path}.${step}`);
  switch (shape.is) {
    case 'object':
      return Object.fromEntries(
        Object.entries(shape.fields)
          .filter(([name, { isOptional }]) => !isOptional || recipe.isWanted(at(name)))
          .map(([name, field]) => [name, buildInput(field.shape, recipe, at(name), place)]),
      );
    case 'list': {
      const count = Math.max(shape.min, recipe.countOf?.(path) ?? 1);
      return Array.from({ length: count }, (_, index) => buildInput(shape.item, recipe, at('*'), index));
    }
    case 'map':
      return {
        [String(buildInput(shape.key, recipe, at('{key}'), place))]: buildInput(
          shape.value,
          recipe,
          at('*'),
          place,
        ),
      };
    case 'either':
      return buildInput(chooseOption(shape.of, recipe, path), recipe, path, place);
    case 'text':
      return recipe.text(path, place);
    case 'json':
      return recipe.json?.(path) ?? smallest(shape);
    default:
      return smallest(shape);
  }
};

/** The option that leads farthest towards what is wanted; else the first. */
const chooseOption = (options: Shape[], recipe: Recipe, path: string): Shape => {
  const reach = (option: Shape): number =>
    Math.max(0, ...leavesOf(option, path).map((leaf) => (recipe.isWanted(leaf.path) ? leaf.path.length : 0)));
  return options.reduce((best, option) => (reach(option) > reach(best) ? option : best));
};

const smallest = (shape: Leaf['shape']): unknown => {
  switch (shape.is) {
    case 'number':
      return Math.max(shape.min, Math.min(1, shape.max));
    case 'boolean':
      return true;
    case 'choice':
      return shape.of[0];
    case 'json':
      return shape.isObject ? { plain: 1 } : 'plain';
    case 'text':
      return 'plain';
  }
};

/** True for a part of the input that leads to one of these paths. */
export const leadsTo =
  (paths: readonly string[]) =>
  (part: string): boolean =>
    paths.some((path) => path === part || path.startsWith(`${part}.`));
