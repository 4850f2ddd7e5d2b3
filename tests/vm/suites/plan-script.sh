# A plan's script, run by real tc on a kernel that has every kind of leaf.
# needs: test pleach-shaper render

PLEACH_FULL_KERNEL=1 render --test-threads=1 --nocapture leaves:: script::tc script::bursts
