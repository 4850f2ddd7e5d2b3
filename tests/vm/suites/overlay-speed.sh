# A commit of forty hosts against the bare requests that it is made of: in static nets, which need flower.
# A clock that counts instructions gives the same figures on every machine.
# by name only: it measures, and takes an optimized build
# needs: release pleach-bench
. /suites/suite.sh

a_commit() {
    ip netns add commits
    ip netns exec commits pleach-bench commit --here --rounds 10 >said
    cp said "$RESULTS/commits.txt"
    echo "measured: $(tr -s '\n' ' ' <said)"
    [ "$(grep -c "^vxlan/.*: commit " said)" -eq 2 ]
}
check "a commit is measured beside its requests" a_commit
