// Directories of the machine that become the node's own, so that names can be made in them: each is covered by an overlay
// (overlayfs) over the machine's, or by a tmpfs. They keep the mode and the owner that the directory has on the machine.
#pragma once
#include <sys/types.h>

// Says who owns a directory of the machine: `ids` is UID:GID in the node. The node itself sees only owners that its user
// namespace maps. `directory` must stay valid.
void own_directory_owner(const char *directory, const char *ids);
// Whether errno, which mounting an overlay has left, says that the kernel has none here: overlayfs is missing (ENODEV), may
// not be mounted in user namespaces (EPERM, before Linux 5.11), or other file systems of the machine are mounted below
// the directory (EINVAL).
int own_directory_overlay_is_refused(void);
// Makes the directory that `path` is in the node's own. Makes the directories that are missing on the way to it.
void own_directory_of(const char *path);
// Makes the directory or file that a mount is to be attached to, where it is missing.
void own_directory_make_target(const char *target, int is_directory);
// The directory that an absolute path is in. The caller frees it.
char *own_directory_name(const char *path);
// Reads UID:GID. `of` is the path whose owner it is, for a failure.
void own_directory_read_ids(const char *ids, const char *of, uid_t *user, gid_t *group);
