# The eBPF classifier on this kernel's verifier: loaded, its maps written and read, packets as vectors and real ones.
# needs: test pleach-kernel classifier
# needs: command id
# Random prefixes by the hundred are beyond emulation; they are compared with a linear scan where the machine is real.
mount -t bpf bpf /sys/fs/bpf 2>/dev/null || true
# Each test verifies three programs, which takes emulation most of a minute: of tunnels the deepest headers and the marks.
classifier --test-threads=1 --nocapture --skip lookup:: \
    --skip tunnels::endpoints --skip tunnels::frames --skip tunnels::geneve --skip tunnels::nobody \
    --skip tunnels::on_a_stick --skip tunnels::the_net --skip tunnels::what
