// Requests of ioctl(2) on a descriptor of a namespace: ioctl_nsfs(2), linux/nsfs.h.
export const NS_GET_USERNS = 0xb701
export const NS_GET_PARENT = 0xb702
export const NS_GET_OWNER_UID = 0xb704
