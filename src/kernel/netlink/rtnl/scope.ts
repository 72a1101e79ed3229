// iproute2's names of scopes (rt_scopes) by number (rt_scope_t in linux/rtnetlink.h).
const SCOPES = new Map([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
])

export const scopeName = (scope: number): string => SCOPES.get(scope) ?? String(scope)
