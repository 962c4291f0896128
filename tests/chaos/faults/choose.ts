/** The one of the items that a fault's choice falls on. Throws Error when there is none. */
export const chooseFrom = <Item>(items: readonly Item[], choice: number): Item => {
  const item = items[choice % items.length];
  if (item === undefined) throw new Error('there was nobody to hit');
  return item;
};
