// The steps that can fail, each with the code by which a report names it (README.md, "Reports"). A code never changes:
// callers decide by it, while action and object are words for people. src/steps.ts lists the same codes.
#pragma once

#define FOR_EACH_STEP(STEP) \
  /* processes */ \
  STEP(STEP_ALLOCATE_MEMORY, "allocate-memory") \
  STEP(STEP_READ_SPEC, "read-spec") \
  STEP(STEP_WRITE_REPORT, "write-report") \
  STEP(STEP_MAKE_PIPE, "make-pipe") \
  STEP(STEP_FORK, "fork") \
  STEP(STEP_WAIT_FOR_CHILD, "wait-for-child") \
  STEP(STEP_SET_DEATH_SIGNAL, "set-death-signal") \
  STEP(STEP_FIND_PROCESS, "find-process") \
  STEP(STEP_CLOSE_DESCRIPTORS, "close-descriptors") \
  STEP(STEP_START_SESSION, "start-session") \
  STEP(STEP_CHANGE_DIRECTORY, "change-directory") \
  STEP(STEP_SET_VARIABLE, "set-variable") \
  STEP(STEP_WATCH_SIGNALS, "watch-signals") \
  STEP(STEP_OPEN_TERMINAL, "open-terminal") \
  STEP(STEP_RUN_PROGRAM, "run-program") \
  STEP(STEP_JOIN_KEYRING, "join-keyring") \
  STEP(STEP_LOWER_PRIORITY, "lower-priority") \
  /* namespaces */ \
  STEP(STEP_CREATE_NAMESPACES, "create-namespaces") \
  STEP(STEP_CREATE_CGROUP_NAMESPACE, "create-cgroup-namespace") \
  STEP(STEP_ENTER_CGROUP, "enter-cgroup") \
  STEP(STEP_CREATE_TIME_NAMESPACE, "create-time-namespace") \
  STEP(STEP_SET_TIME_OFFSET, "set-time-offset") \
  STEP(STEP_OPEN_NAMESPACE, "open-namespace") \
  STEP(STEP_JOIN_NAMESPACES, "join-namespaces") \
  STEP(STEP_HAND_OVER_NAMESPACE, "hand-over-namespace") \
  STEP(STEP_WRITE_ID_MAP, "write-id-map") \
  STEP(STEP_BECOME_ROOT, "become-root") \
  STEP(STEP_SET_HOSTNAME, "set-hostname") \
  STEP(STEP_SET_DOMAIN_NAME, "set-domain-name") \
  /* the file systems that every node has */ \
  STEP(STEP_MAKE_MOUNTS_PRIVATE, "make-mounts-private") \
  STEP(STEP_MOUNT_PROC, "mount-proc") \
  STEP(STEP_MOUNT_RUN, "mount-run") \
  STEP(STEP_MOUNT_TMP, "mount-tmp") \
  STEP(STEP_MOUNT_DEV, "mount-dev") \
  STEP(STEP_MOUNT_SHM, "mount-shm") \
  STEP(STEP_MOUNT_SYS, "mount-sys") \
  STEP(STEP_BIND_DEVICE, "bind-device") \
  /* the mounts, files and sysctls that its spec names */ \
  STEP(STEP_COPY_MOUNT, "copy-mount") \
  STEP(STEP_ATTACH_MOUNT, "attach-mount") \
  STEP(STEP_MAKE_READ_ONLY, "make-read-only") \
  STEP(STEP_MOUNT_TMPFS, "mount-tmpfs") \
  STEP(STEP_MOUNT_SCRATCH, "mount-scratch") \
  STEP(STEP_MOUNT_OVERLAY, "mount-overlay") \
  STEP(STEP_COPY_DIRECTORY, "copy-directory") \
  STEP(STEP_FIND_TARGET, "find-target") \
  STEP(STEP_MAKE_TARGET, "make-target") \
  STEP(STEP_ADD_NAME_TO_ROOT, "add-name-to-root") \
  STEP(STEP_WRITE_FILE, "write-file") \
  STEP(STEP_OWN_FILE, "own-file") \
  STEP(STEP_REMOVE_FILE, "remove-file") \
  STEP(STEP_CHANGE_OWNER, "change-owner") \
  STEP(STEP_CHANGE_MODE, "change-mode") \
  STEP(STEP_WRITE_SYSCTL, "write-sysctl") \
  /* addresses and ping */ \
  STEP(STEP_READ_ADDRESSES, "read-addresses") \
  STEP(STEP_FIND_INTERFACE, "find-interface") \
  STEP(STEP_OPEN_SOCKET, "open-socket") \
  STEP(STEP_READ_RANDOM_BYTES, "read-random-bytes") \
  /* the wire */ \
  STEP(STEP_START_WIRE, "start-wire") \
  STEP(STEP_REACH_WIRE, "reach-wire") \
  /* the keeper */ \
  STEP(STEP_REACH_KEEPER, "reach-keeper")

#define STEP_IDENTIFIER(identifier, code) identifier,
enum step { FOR_EACH_STEP(STEP_IDENTIFIER) };
#undef STEP_IDENTIFIER
