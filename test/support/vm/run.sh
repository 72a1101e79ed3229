#!/bin/bash
# run.sh [options] 'command'     -- run one bash command as root inside a
# throw-away QEMU guest: Debian's stock kernel on top of this machine's own
# root file system (shared read-only; writes go to a tmpfs in the guest).
#
#   stdout and stderr of the command come out on this script's stdout and
#   stderr, and this script exits with the command's status.
#   125 = the guest could not be started or ended without giving a status,
#   124 = the time limit ran out.
#
# Options (each can also be given as the environment variable in brackets):
#   -m MIB      guest memory                        [VM_MEM]      default 1024
#   -c N        virtual CPUs                        [VM_CPUS]     default 2
#   -t SEC      wall-clock limit                    [VM_TIMEOUT]  default 300
#   -s 9p|virtiofs  how / is shared                 [VM_SHARE]    default 9p
#   -M MACHINE  microvm, q35 or pc                  [VM_MACHINE]  default q35
#   -w DIR      share DIR read-write (may repeat)
#   -e NAME     pass environment variable NAME (may repeat); PATH, HOME, LANG
#               and TERM are always passed
#   -v          show kernel messages and guest timings on stderr [VM_VERBOSE]
#   -a ACCEL    qemu -accel value                   [VM_ACCEL]    default tcg,thread=multi
#
# Needs: qemu-system-x86 (qemu-system-common brings virtiofsd), kmod,
# python3 and xz or lz4 (to unpack the kernel, once); and, unpacked with dpkg -x,
# one linux-image-*-amd64 under $VM_KERNEL (default: kernel/ beside this script)
# and busybox-static under busybox/ ($VM_BUSYBOX: path of the program).
# Made once and kept in $VM_CACHE (default cache/): vmlinux and an initramfs.
set -u
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
KDIR=${VM_KERNEL:-$here/kernel}
BUSYBOX=${VM_BUSYBOX:-$here/busybox/bin/busybox}
CACHE=${VM_CACHE:-$here/cache}
MEM=${VM_MEM:-1024} CPUS=${VM_CPUS:-2} LIMIT=${VM_TIMEOUT:-300}
SHARE=${VM_SHARE:-9p} MACHINE=${VM_MACHINE:-q35} VERBOSE=${VM_VERBOSE:-}
ACCEL=${VM_ACCEL:-tcg,thread=multi} CPUMODEL=${VM_CPU:-max}
P9OPT=${VM_9POPT:-cache=loose,msize=512000}
APPEND_EXTRA=${VM_APPEND:-}
rw=() envs=(PATH HOME LANG TERM)   # more knobs: VM_APPEND (kernel), VM_QEMU (qemu)
die() { echo "vm-run: $*" >&2; exit 125; }
while getopts 'm:c:t:s:M:w:e:a:vh' o; do case $o in
  m) MEM=$OPTARG;; c) CPUS=$OPTARG;; t) LIMIT=$OPTARG;; s) SHARE=$OPTARG;;
  M) MACHINE=$OPTARG;; w) rw+=("$(readlink -f "$OPTARG")");; e) envs+=("$OPTARG");;
  a) ACCEL=$OPTARG;; v) VERBOSE=1;; *) sed -n '2,/^set -u/{/^#/p}' "$0" | sed 's/^# \{0,1\}//'; exit 125;;
esac; done
shift $((OPTIND - 1))
[ $# -ge 1 ] || die "no command given (see -h)"
command -v qemu-system-x86_64 >/dev/null || die "qemu-system-x86_64 is not installed"
rel=$(ls "$KDIR/lib/modules" 2>/dev/null | head -1)
[ -n "$rel" ] || die "no kernel under $KDIR"
[ -x "$BUSYBOX" ] || die "no static busybox at $BUSYBOX"

# ---- once per kernel: module index, unpacked kernel, initramfs --------------
mkdir -p "$CACHE"
vmlinux=$CACHE/vmlinux-$rel
initrd=$CACHE/initrd-$rel.cpio
exec 9>"$CACHE/lock"; flock 9
[ -s "$KDIR/lib/modules/$rel/modules.dep" ] || depmod -b "$KDIR" "$rel" || die depmod
if [ ! -s "$vmlinux" ]; then
  # An ELF vmlinux boots through PVH: neither firmware nor the (emulated,
  # slow) self-decompression of the bzImage has to run.
  python3 - "$KDIR/boot/vmlinuz-$rel" "$vmlinux.$$" <<'PY' || die "cannot unpack the kernel"
import struct, subprocess, sys
d = open(sys.argv[1], 'rb').read()
base = ((d[0x1f1] or 4) + 1) * 512
off, size = struct.unpack_from('<II', d, 0x248)
p = d[base + off: base + off + size]
for magic, tool in ((b'\xfd7zXZ\0', 'xz'), (b'\x02\x21\x4c\x18', 'lz4'),
                    (b'\x28\xb5\x2f\xfd', 'zstd'), (b'\x1f\x8b\x08', 'gzip')):
    if p.startswith(magic):
        # the last four bytes are the unpacked size, not part of the stream
        r = subprocess.run([tool, '-dc'], input=p[:-4], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
        if not r.stdout.startswith(b'\x7fELF'):
            r = subprocess.run([tool, '-dc'], input=p, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
        break
else:
    sys.exit('unknown kernel compression')
if not r.stdout.startswith(b'\x7fELF'):
    sys.exit('unpacked kernel is not ELF')
open(sys.argv[2], 'wb').write(r.stdout)
PY
  mv "$vmlinux.$$" "$vmlinux"
fi
if [ ! -s "$initrd" ] || [ "$0" -nt "$initrd" ]; then
  t=$(mktemp -d "$CACHE/initrd.XXXXXX") || die mktemp
  mkdir -p "$t"/{bin,dev,proc,sys,lib,mods,mnt,root}
  cp "$BUSYBOX" "$t/bin/busybox"
  for m in virtio_pci virtio_mmio virtio_console 9pnet_virtio 9p virtiofs overlay; do
    for f in $(modprobe -d "$KDIR" -S "$rel" --show-depends "$m" 2>/dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p'); do
      cp "$f" "$t/lib/"; echo "${f##*/}"
    done > "$t/mods/$m"
  done
  cat > "$t/init" <<'INIT'
#!/bin/busybox sh
# PID 1 of the guest, first half: runs from the initramfs with busybox only
# (every program started from the shared file system costs some 50 ms here).
B=/bin/busybox
N=/mnt/new
$B mount -t proc proc /proc
up() { read -r u _ < /proc/uptime; echo "<6>vm-run: $1 at $u" > /dev/kmsg; }
fail() { echo "<0>vm-run: init: $1" > /dev/kmsg; $B sleep 0.2; $B reboot -f; $B sleep 60; }
$B mount -t devtmpfs dev /dev
up init
read -r cmdline < /proc/cmdline
for a in $cmdline; do case $a in
  vmrun.share=*) share=${a#*=};; vmrun.dir=*) run=${a#*=};; vmrun.bus=*) bus=${a#*=};;
  vmrun.p9=*) p9=${a#*=};; vmrun.mods=*) mods=${a#*=};; vmrun.rw=*) rw=${a#*=};;
esac; done
$B mount -t sysfs sys /sys
case $share in 9p) fs="9pnet_virtio 9p";; *) fs=virtiofs;; esac
loaded=" "
for m in virtio_$bus virtio_console $fs overlay; do
  while read -r f; do
    case $loaded in *" $f "*) continue;; esac
    $B insmod /lib/$f || echo "<3>vm-run: insmod $f failed" > /dev/kmsg
    loaded="$loaded$f "
  done < /mods/$m
done
up modules
$B mkdir -p /mnt/low /mnt/ram $N
if [ "$share" = 9p ]; then
  $B mount -t 9p -o ro,trans=virtio,version=9p2000.L,access=any,$p9 hostroot /mnt/low || fail "9p mount"
else
  $B mount -t virtiofs -o ro hostroot /mnt/low || fail "virtiofs mount"
fi
$B mount -t tmpfs -o size=90% tmpfs /mnt/ram || fail tmpfs
$B mkdir /mnt/ram/up /mnt/ram/work /mnt/ram/run /mnt/ram/run/vm
$B mount -t overlay -o lowerdir=/mnt/low,upperdir=/mnt/ram/up,workdir=/mnt/ram/work overlay $N || fail overlay
up root
$B mount --bind /mnt/ram/run $N/run
$B mkdir -p $N/run/lock $N/run/netns $N/usr/lib/modules /dev/pts /dev/shm
# the nodes that systemd or udev would make, so that opening them loads the module
$B mkdir -p /dev/net
for d in net/tun:10:200 fuse:10:229 loop-control:10:237 vhost-net:10:238 ppp:108:0; do
  f=/dev/${d%%:*}; [ -e $f ] || { IFS=:; set -- ${d#*:}; unset IFS; $B mknod -m 666 $f c $1 $2; }
done
$B mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
$B mount -t tmpfs -o mode=1777 tmpfs /dev/shm
$B mount -t cgroup2 cgroup2 /sys/fs/cgroup
$B mount -t securityfs sec /sys/kernel/security 2>/dev/null
$B mount -t debugfs dbg /sys/kernel/debug 2>/dev/null
$B mount -t bpf bpf /sys/fs/bpf 2>/dev/null
[ -e /dev/fd ] || $B ln -s /proc/self/fd /dev/fd
[ -e /dev/stdin ] || { $B ln -s /proc/self/fd/0 /dev/stdin; $B ln -s /proc/self/fd/1 /dev/stdout; $B ln -s /proc/self/fd/2 /dev/stderr; }
$B mount --bind "/mnt/low$mods" $N/usr/lib/modules || $B mount --bind "$N$mods" $N/usr/lib/modules
n=0; IFS=:
for d in $rw; do
  $B mkdir -p "$N$d"
  $B mount -t 9p -o trans=virtio,version=9p2000.L,access=any,msize=512000 rw$n "$N$d" || fail "share of $d"
  n=$((n + 1))
done
unset IFS
echo /sbin/modprobe > /proc/sys/kernel/modprobe
$B ip link set lo up
$B hostname vm
for p in /sys/class/virtio-ports/*; do
  read -r name < $p/name && echo "port_$name=/dev/${p##*/}"
done > /mnt/ram/run/vm/ports
$B cp $B /mnt/ram/run/vm/busybox
$B cp /stage2 /mnt/ram/run/vm/stage2
echo "$run" > /mnt/ram/run/vm/dir
for d in proc sys dev; do $B mount --move /$d $N/$d; done
exec $B switch_root $N /run/vm/busybox sh /run/vm/stage2
INIT
  cat > "$t/stage2" <<'STAGE2'
# PID 1 of the guest, second half: runs the command on the shared root.
B=/run/vm/busybox
up() { read -r u _ < /proc/uptime; echo "<6>vm-run: $1 at $u" > /dev/kmsg; }
. /run/vm/ports
read -r run < /run/vm/dir
# The command writes to pipes, as under a CI runner; two relays empty them
# into the virtio ports (a port can be opened only once, so /dev/stdout and
# friends would not work on the ports themselves).
$B mkfifo /run/vm/out /run/vm/err
$B cat < /run/vm/out > "$port_out" & o=$!
$B cat < /run/vm/err > "$port_err" & e=$!
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
up ready
$B setsid /bin/bash "$run/cmd" < /dev/null > /run/vm/out 2> /run/vm/err
s=$?
up done
# the relays end with the last writer; a process left in the background may
# hold the pipes open for ever: give it half a second
for i in 1 2 3 4 5 6 7 8 9 10; do
  kill -0 $o 2>/dev/null || kill -0 $e 2>/dev/null || break; $B sleep 0.05
done
echo "$s" > "$port_status"
$B reboot -f
STAGE2
  chmod +x "$t/init"
  ( cd "$t" && find . | "$BUSYBOX" cpio -o -H newc 2>/dev/null ) > "$initrd.$$" || die "cannot make the initramfs"
  rm -rf "$t"; mv "$initrd.$$" "$initrd"
fi
flock -u 9; exec 9>&-

# ---- this run ---------------------------------------------------------------
run=$(mktemp -d "${TMPDIR:-/tmp}/vm-run.XXXXXX") || die mktemp
qpid= fspid= wpid=
cleanup() {
  for p in $wpid $qpid $fspid; do kill "$p" 2>/dev/null; done
  rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 130' INT; trap 'exit 143' TERM

{ for v in "${envs[@]}"; do [ -n "${!v+x}" ] && declare -p "$v" | sed 's/^declare -[-a-zA-Z]* /export /'; done
  printf 'cd %q 2>/dev/null || cd /\n' "$PWD"
  printf '%s\n' "$*"; } > "$run/cmd"

bus=pci virtio=pci
case $MACHINE in microvm*)
  # No firmware tables or PCI, some 0.1 s faster; but its only timer to measure
  # the TSC with is the emulated PIT, and where that fails (about one boot in
  # ten) the kernel hangs: tell it the frequency. 9p only.
  bus=mmio virtio=device
  APPEND_EXTRA="tsc_early_khz=$(awk '/^cpu MHz/ {printf "%d", $4 * 1000; exit}' /proc/cpuinfo) $APPEND_EXTRA";;
esac
args=(-name vm-run -accel "$ACCEL" -cpu "$CPUMODEL" -smp "$CPUS" -m "$MEM"
  -nodefaults -no-user-config -display none -no-reboot -nic none
  -chardev "file,id=log,path=$run/console" -serial chardev:log
  -kernel "$vmlinux" -initrd "$initrd"
  -device "virtio-serial-$virtio"
  -chardev "file,id=status,path=$run/status" -device virtserialport,chardev=status,name=status
  -chardev "file,id=out,path=$run/out" -device virtserialport,chardev=out,name=out
  -chardev "file,id=err,path=$run/err" -device virtserialport,chardev=err,name=err)
if [ "$SHARE" = 9p ]; then
  args+=(-machine "$MACHINE"
    -fsdev "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap"
    -device "virtio-9p-$virtio,fsdev=root,mount_tag=hostroot")
else
  fsd=${VM_VIRTIOFSD:-/usr/lib/qemu/virtiofsd}
  [ -x "$fsd" ] || fsd=/usr/libexec/virtiofsd
  # shellcheck disable=SC2086
  "$fsd" --socket-path="$run/vfs.sock" ${VM_VFSOPT:--o source=/ -o cache=always -o sandbox=chroot} > "$run/vfs.log" 2>&1 9>&- & fspid=$!
  for ((i = 0; i < 100; i++)); do [ -S "$run/vfs.sock" ] && break; sleep 0.02; done
  args+=(-machine "$MACHINE,memory-backend=ram" -object "memory-backend-memfd,id=ram,size=${MEM}M,share=on"
    -chardev "socket,id=vfs,path=$run/vfs.sock" -device "vhost-user-fs-$virtio,chardev=vfs,tag=hostroot")
fi
n=0
for d in ${rw[@]+"${rw[@]}"}; do
  args+=(-fsdev "local,id=rw$n,path=$d,security_model=passthrough,multidevs=remap" -device "virtio-9p-$virtio,fsdev=rw$n,mount_tag=rw$n")
  n=$((n + 1))
done
append="console=ttyS0 ${VM_LOG:-quiet loglevel=3} panic=-1 reboot=t mitigations=off nokaslr no_timer_check tsc=reliable
 clocksource=tsc norandmaps init_on_alloc=0 audit=0 apparmor=0 cryptomgr.notests random.trust_cpu=on 8250.nr_uarts=1
 vmrun.share=$SHARE vmrun.dir=$run vmrun.bus=$bus vmrun.p9=$P9OPT
 vmrun.mods=$KDIR/lib/modules${rw[0]+ vmrun.rw=$(IFS=:; echo "${rw[*]}")} $APPEND_EXTRA"
args+=(-append "$(echo $append)")

start=$(date +%s)
# qemu opens its outputs by name, which on a regular file would start a second
# file offset: hand it two FIFOs instead, and copy from those.
mkfifo "$run/out" "$run/err"
cat < "$run/out" & outpid=$!
cat < "$run/err" >&2 & errpid=$!
qemu-system-x86_64 "${args[@]}" ${VM_QEMU:-} < /dev/null > "$run/qemu.log" 2>&1 & qpid=$!
( sleep "$LIMIT" & s=$!; trap 'kill $s; exit' TERM; wait $s; : > "$run/late"; kill "$qpid" ) 2>/dev/null & wpid=$!
wait "$qpid"; qrc=$?; qpid=
kill "$wpid" 2>/dev/null; wpid=
# should qemu have died before it opened them, these two would wait for ever
: <> "$run/out"; : <> "$run/err"
wait "$outpid" "$errpid"
if [ -n "$VERBOSE" ]; then
  cat "$run/console" "$run/qemu.log" >&2
  echo "vm-run: $(($(date +%s) - start)) s in all" >&2
fi
if [ -e "$run/late" ]; then
  [ -n "$VERBOSE" ] || tail -5 "$run/console" >&2
  echo "vm-run: time limit of $LIMIT s ran out" >&2; exit 124
fi
status=$(tr -dc 0-9 < "$run/status" 2>/dev/null)
if [ -z "$status" ]; then
  [ -n "$VERBOSE" ] || { tail -30 "$run/console"; cat "$run/qemu.log" "$run/vfs.log"; } >&2 2>/dev/null
  die "the guest ended without a status (qemu exit $qrc)"
fi
exit "$status"
