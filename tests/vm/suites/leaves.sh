# CAKE, fq_codel and sfq through Pleach's own netlink: what is written is what is read back. And the rest of the
# kernel border's tests, on a kernel of the age that most shapers run.
# needs: test pleach-kernel namespaces
# Ten thousand circuits are beyond emulation, and so is verifying the classifier more than once. Commits have suites of their own.
PLEACH_FULL_KERNEL=1 namespaces --test-threads=1 --nocapture --skip scale:: --skip classifier:: --skip links::
