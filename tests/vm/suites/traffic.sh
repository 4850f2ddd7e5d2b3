# Real packets through the built binary on a kernel with CAKE and fq_codel: how long a ping waits under load, and that a
# change of leaf loses nothing.
# needs: binary pleach
# needs: test pleach traffic
PLEACH=/bin/pleach traffic --test-threads=1 --nocapture latency cake
