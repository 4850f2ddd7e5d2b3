# A commit of forty hosts against the bare requests that it is made of: in static nets, which need flower.
# by name only: it measures, and emulation measures badly
# needs: test pleach-kernel namespaces
PLEACH_FULL_KERNEL=1 namespaces --test-threads=1 --nocapture links::
