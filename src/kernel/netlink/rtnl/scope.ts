// Names of scopes, as iproute2 has them (rt_scope_t in linux/rtnetlink.h, rt_scopes).
const SCOPES = new Map([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
])

export const scopeName = (scope: number): string => SCOPES.get(scope) ?? String(scope)
