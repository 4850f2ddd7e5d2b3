# The eBPF classifier on this kernel's verifier: loaded, its maps written and read, packets as vectors and real ones.
# needs: test pleach-kernel classifier
# needs: command id
# Random prefixes by the hundred are beyond emulation; they are compared with a linear scan where the machine is real.
mount -t bpf bpf /sys/fs/bpf 2>/dev/null || true
classifier --test-threads=1 --nocapture --skip lookup::
