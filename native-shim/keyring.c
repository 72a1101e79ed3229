#define _GNU_SOURCE
#include "keyring.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

static long keyctl(int operation, long first, long second) { return syscall(SYS_keyctl, operation, first, second); }

#if defined __x86_64__ || defined __aarch64__
// Lets the kernel refuse add_key(2), request_key(2) and keyctl(2) to this process and all that it starts, also to those of
// the other architectures that it runs. On each, the three have numbers in a row.
static void forbid_keys(const char *whose) {
  enum { CALLS = 3, X32 = 0x40000000, STEPS = 7 };
  static const struct {
    unsigned architecture, first;
  } NUMBERS[] = {
#ifdef __x86_64__
      {AUDIT_ARCH_X86_64, SYS_add_key}, {AUDIT_ARCH_I386, 286},
#else
      {AUDIT_ARCH_AARCH64, SYS_add_key}, {AUDIT_ARCH_ARM, 309},
#endif
  };
  struct sock_filter code[2 * STEPS + 1];
  unsigned short count = 0;
  for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
    code[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    code[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NUMBERS[i].architecture, 0, STEPS - 2);
    code[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    code[count++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~(unsigned)X32);
    code[count++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, NUMBERS[i].first);
    code[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, CALLS, 1, 0);
    code[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  }
  code[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {count, code};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) fail(STEP_JOIN_KEYRING, "forbid keys to", whose);
}
#else
static void forbid_keys(const char *whose) { fail_with(STEP_JOIN_KEYRING, EDQUOT, "make a keyring for", whose); }
#endif

// Whether keys are out of reach already: the kernel has none, or a container's filter forbids them, which all that this
// process starts inherits.
static int has_no_keys(int error) {
  if (error != ENOSYS && error != EPERM && error != EACCES) return 0;
  return keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0) < 0 && errno == error;
}

// Returns whether the process has a new keyring.
static int leave(const char *whose) {
  if (keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0) >= 0) return 1;
  int error = errno;
  if (has_no_keys(error)) return 0;
  if (error != EDQUOT) fail_with(STEP_JOIN_KEYRING, error, "make a keyring for", whose);
  forbid_keys(whose);
  return 0;
}

void keyring_leave(const char *whose) { leave(whose); }

void keyring_leave_sealed(const char *whose) {
  if (leave(whose) && keyctl(KEYCTL_SETPERM, KEY_SPEC_SESSION_KEYRING, 0) < 0)
    fail(STEP_JOIN_KEYRING, "seal the keyring of", whose);
}
