# Real packets through the built binary, on a kernel with CAKE, fq_codel and VLAN devices: the verbs, how long a ping waits
# under load, one interface for both sides, a change of leaf that loses nothing, and a plan's script run by real tc.
# needs: binary pleach
# needs: file bpf/classifier.o
# needs: test pleach traffic
case $(uname -r) in
    6.1.*) tests="first_apply a_script" ;; # that it loads, shapes and goes; the rest is left out, for the sake of time
    *) tests="cake latency stick" ;;
esac
# shellcheck disable=SC2086
PLEACH=/bin/pleach CLASSIFIER=/files/bpf/classifier.o traffic --test-threads=1 --nocapture $tests
