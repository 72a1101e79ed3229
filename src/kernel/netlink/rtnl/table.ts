// iproute2's names of routing tables (rt_tables) by number (RT_TABLE_* in linux/rtnetlink.h).
const TABLES = new Map([
  [253, 'default'],
  [254, 'main'],
  [255, 'local'],
])

/** The name of a table, or its number. */
export const tableName = (table: number): string => TABLES.get(table) ?? String(table)
