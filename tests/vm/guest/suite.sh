# What a suite begins with: `. /suites/suite.sh`. A line per test, the output of a failed one, a status at the end.
set -euo pipefail
passed=0
failed=0
trap 'finish' EXIT

finish() {
    local status=$?
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ] || status=1
    [ $((passed + failed)) -gt 0 ] || { echo "a suite of no tests"; status=1; }
    exit "$status"
}

# check NAME COMMAND...: a test passes when the command does. The command may be a function; its first failing line ends it.
# What it says is shown when it fails, and in its last line ("measured: ...") also when it passes.
check() {
    local name=$1 log status=0 from=$SECONDS
    log=$(mktemp)
    shift
    # In the background, since in a condition `set -e` would mean nothing.
    (set -euo pipefail; "$@") >"$log" 2>&1 &
    wait $! || status=$?
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
        printf 'ok      %s (%d s)%s\n' "$name" $((SECONDS - from)) "$(sed -n 's/^measured: /: /p' "$log" | tail -n 1)"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s (%d s), status %d\n' "$name" $((SECONDS - from)) "$status"
        sed 's/^/        /' "$log"
    fi
    ip -all netns delete
}

# Says why a test fails, and fails it.
refute() {
    echo "$@"
    return 1
}

# Two namespaces, `left` and `right`, joined by a link whose ends have these names: 10.0.0.1 and 10.0.0.2.
# Offloads are off, so that a packet in a queue is a packet on the wire.
two_namespaces() {
    ip netns add left
    ip netns add right
    ip -n left link add left type veth peer name right netns right
    for side in left right; do
        ip netns exec $side ethtool -K $side tso off gso off gro off >/dev/null
        ip -n $side link set lo up
        ip -n $side link set $side up
    done
    ip -n left address add 10.0.0.1/24 dev left
    ip -n right address add 10.0.0.2/24 dev right
}
