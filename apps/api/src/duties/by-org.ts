/** Does one thing for each org that has items, one org after the other, and answers how much was done in all. */
export const doByOrg = async <Item extends { orgId: number }>(
  items: readonly Item[],
  act: (orgId: number, items: Item[]) => Promise<number>,
): Promise<number> => {
  let done = 0;
  for (const orgId of new Set(items.map((item) => item.orgId))) {
    const itemsOfOrg = items.filter((item) => item.orgId === orgId);
    done += await act(orgId, itemsOfOrg);
  }
  return done;
};
