import { stripVTControlCharacters } from 'node:util';

export interface Column<Row> {
  title: string;
  /** Default: left. */
  align?: 'left' | 'right';
  read(row: Row): string | number | null | undefined;
}

/** Rows under their titles, columns as wide as their widest cell, two spaces apart. Missing values are a dash. */
export const renderTable = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string => {
  const cells = rows.map((row) => columns.map((column) => String(column.read(row) ?? '–')));
  const lines = [columns.map((column) => column.title), ...cells];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index]!))));
  return lines
    .map((line) => line.map((cell, index) => pad(cell, widths[index]!, columns[index]!.align)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
};

/** Names and values under each other, for one thing. */
export const renderFields = (fields: Readonly<Record<string, unknown>>): string => {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${renderValue(value)}`).join('\n');
};

const renderValue = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));

const widthOf = (cell: string): number => stripVTControlCharacters(cell).length;

const pad = (cell: string, width: number, align: Column<never>['align']): string => {
  const space = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return align === 'right' ? space + cell : cell + space;
};
