# What the shaper takes for granted about the kernel, asked of the kernel.
. /suites/suite.sh

bpf_and_modules_are_there() {
    grep -q ' /sys/fs/bpf bpf ' /proc/mounts
    bpftool prog list
}
check "the BPF file system is mounted" bpf_and_modules_are_there
