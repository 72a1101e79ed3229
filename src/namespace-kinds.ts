// The kinds of namespaces, called as their files in /proc/PID/ns (namespaces(7)).

export const NAMESPACE_KINDS = ['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'time'] as const

export type NamespaceKind = (typeof NAMESPACE_KINDS)[number]
