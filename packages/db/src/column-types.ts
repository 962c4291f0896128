import type { ColumnType } from 'kysely';

export type Instant = ColumnType<Date, Date | string, Date | string>;
/** Left out on insert it is now. */
export type GivenInstant = ColumnType<Date, Date | string | undefined, Date | string>;
export type NullableInstant = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** Written as text; left out on insert it is an empty object. */
export type JsonColumn<Value> = ColumnType<Value, string | undefined, string>;
