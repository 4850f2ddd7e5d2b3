# Subscribers in two nets at their plans, with single packets and with aggregates: how the kernel counts a tunnel's aggregate
# differs between versions; and two shapers with a tunnel between them, whose marks tell its uploads.
# by name only: what is measured here is on an idle machine
# needs: binary pleach
# needs: file bpf/mark.o
# needs: test pleach traffic
PLEACH=/bin/pleach PLEACH_MARK=/files/bpf/mark.o traffic --test-threads=1 --nocapture tunnels_that_pass_through two_shapers
