/**
 * What calls are counted as. `submit`: jobs submitted. `read`: queries. `manage`: acts of admins and operators, and each job
 * cancelled or retried. `claim`: sessions opened and claims. `lease`: heartbeats, reports and finishes, which have a budget
 * of their own so that nothing an org submits can cost it a lease.
 */
export const rateClasses = ['submit', 'read', 'manage', 'claim', 'lease'] as const;
export type RateClass = (typeof rateClasses)[number];

/** Calls a minute by class; a class that is left out has the limit of the deployment. A minute's worth may come at once. */
export type RateLimits = Partial<Record<RateClass, number>>;
