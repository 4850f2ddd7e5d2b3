# Rates of virts that are shaped by a leaf, in nets that learn and in static ones.
# needs: binary pleach
# needs: file tests/vm/guest/hosts.sh
. /suites/suite.sh
. /files/tests/vm/guest/hosts.sh

leaves="cake fq_codel sfq pfifo"

# A net with virt 1 on A, of which these are the rates, and virt 2 on B.
two_hosts() { # type, rates
    local number=0 host
    printf '[overlay.settings.default]\ntype = "%s"\n[overlay.net.1]\nid = 1\nattach = ["A", "B"]\n' $1
    for host in A B; do
        number=$((number + 1))
        printf '[overlay.phys.%s]\ninterface = "eth0"\nip = "172.16.0.%s"\n' $host $number
        printf '[overlay.net.1.virt.%s]\nphys = "%s"\ninterface = "tap%s"\nmac = "02:00:00:00:00:0%s"\n' \
            $number $host $number $number
    done
    printf '[overlay.net.1.virt.1.rate]\n%s\n' "$2"
}

made() { # type
    hosts
    virt 1-A A tap1 1
    virt 2-B B tap2 2
    two_hosts $1 "" >plain.toml
    commit B plain.toml >/dev/null
}

# What gets through of 30 Mbit/s of UDP.
passes() { # from, to, address
    ip netns exec $2 iperf3 -s -1 >/dev/null &
    sleep 1
    ip netns exec $1 iperf3 -u -b 30M -l 1200 -t 4 -c $3 -f k | sed -n 's/.* \([0-9.]*\) Kbits.sec.*receiver.*/\1/p' | cut -d. -f1
    wait
}

# 1 200 bytes of iperf3 are 1 242 of Ethernet, which is what the kernel counts.
within() { # what, measured, rate in Kbit/s
    local goodput=$(($3 * 1200 / 1242))
    echo "measured: $1 $2 of $goodput Kbit/s"
    [ $2 -ge $((goodput * 93 / 100)) ] && [ $2 -le $((goodput * 102 / 100)) ] || refute "$1: $2 of $goodput Kbit/s"
}

rates_are_held() { # type, leaf in, leaf out
    made $1
    two_hosts $1 "in = { average = 10, leaf = \"$2\" }
out = { average = 6, leaf = \"$3\" }" >net.toml
    commit A net.toml >/dev/null
    commit A net.toml | grep "^nothing to do"
    pings 1-A 10.0.0.2
    pings 2-B fd00::1
    within "$1 in by $2" "$(passes 2-B 1-A 10.0.0.1)" 10000
    within "$1 out by $3" "$(passes 1-A 2-B 10.0.0.2)" 6000
    ip netns exec 1-A ping -c 2 -i 0.2 -W 2 -M do -s 1422 10.0.0.2 >/dev/null
}
check "a net that learns: rates by cake and fq_codel" rates_are_held vlan cake fq_codel
check "a static net: rates by pfifo and cake" rates_are_held geneve pfifo cake

# On 6.1 the rest is left out, for the sake of time.
case $(uname -r) in 6.1.*) exit ;; esac

# From a policer to every leaf and back, under a stream in each direction. The kernel takes a root qdisc away before it puts
# another (`dev_deactivate`): what an interface sends in that moment, once on the way there and once back, is all that may be lost.
changes_lose_next_to_nothing() { # type
    local kind answered pid
    made $1
    two_hosts $1 'in = { average = 20, burst = "64 KiB" }
out = { average = 20, burst = "64 KiB" }' >policed.toml
    commit A policed.toml >/dev/null
    ip netns exec 1-A ping -c 400 -i 0.02 -W 3 10.0.0.2 >stream &
    pid=$!
    sleep 0.5
    for kind in $leaves; do
        two_hosts $1 "in = { average = 20, leaf = \"$kind\" }
out = { average = 20, leaf = \"$kind\" }" >net.toml
        commit A net.toml >/dev/null
        commit A net.toml | grep "^nothing to do"
        tc -n A qdisc show dev tap1 | grep "qdisc $kind ace7: parent ace6:1"
    done
    two_hosts $1 "in = { average = 5, leaf = \"pfifo\" }
out = { average = 7, burst = \"50 KB\", leaf = \"pfifo\" }" | sed 's/50 KB/50 KiB/' >net.toml
    commit A net.toml | grep "^4 to change, 0 to add, 0 to remove\|^2 to change, 0 to add, 0 to remove"
    commit A policed.toml >/dev/null
    commit A policed.toml | grep "^nothing to do"
    commit A plain.toml >/dev/null
    wait $pid || true
    answered=$(sed -n 's/400 packets transmitted, \([0-9]*\) received.*/\1/p' stream)
    echo "measured: $1: $answered of 400 answered"
    if grep DUP stream; then refute "packets come twice"; fi
    [ "$answered" -ge 398 ]
}
check "a net that learns: from a policer through all leaves and back, two of 400 lost at most" changes_lose_next_to_nothing vxlan/e2e
check "a static net: from a policer through all leaves and back, two of 400 lost at most" changes_lose_next_to_nothing vxlan/static

# Rules and copies for groups where what a virt sends goes through a queue; tags of its own stay.
static_nets_work_behind_a_queue() {
    made vxlan/static
    virt 3-A A tap3 3
    two_hosts vxlan/static 'in = { average = 20, leaf = "cake" }
out = { average = 20, leaf = "cake" }
[[overlay.net.1.virt.1.rule]]
direction = "out"
priority = 1
action = "drop"
destination = "10.0.0.2"
protocol = "icmp"
[overlay.net.1.virt.third]
phys = "A"
interface = "tap3"
mac = "02:00:00:00:00:03"' >net.toml
    commit A net.toml >/dev/null
    commit B net.toml >/dev/null
    silent 1-A 10.0.0.2
    pings 1-A 10.0.0.3
    pings 1-A fd00::2
    pings 3-A 10.0.0.1
    for at in 1-A 2-B; do
        ip -n $at link add link eth0 name tagged up type vlan id 7
        ip -n $at address add 10.7.0.${at%-*}/24 dev tagged
    done
    pings 1-A 10.7.0.2
    ip -n 1-A link set tagged type vlan id 7
    local tag=4094
    ip -n 1-A link add link eth0 name same up type vlan id $tag
    ip -n 2-B link add link eth0 name same up type vlan id $tag
    ip -n 1-A address add 10.8.0.1/24 dev same
    ip -n 2-B address add 10.8.0.2/24 dev same
    pings 1-A 10.8.0.2
}
check "rules, groups and tags behind a queue of a static net" static_nets_work_behind_a_queue

roots_of_others_stay() {
    local status=0
    made vlan
    two_hosts vlan 'in = { average = 10, leaf = "cake" }' >net.toml
    ip -n A link set tap1 up
    tc -n A qdisc add dev tap1 root handle 1: pfifo limit 77
    dump A >before
    commit A net.toml 2>said || status=$?
    [ $status -eq 4 ] && grep '`tap1` has a root qdisc `pfifo` of somebody else' said && grep "nothing was changed" said
    dump A >after
    diff before after
    tc -n A qdisc delete dev tap1 root
    dump A >before
    commit A net.toml >/dev/null
    # What another hand has changed is put right.
    tc -n A class change dev tap1 classid ace6:1 htb rate 3mbit
    tc -n A qdisc replace dev tap1 parent ace6:1 handle 5: sfq
    commit A net.toml >/dev/null
    commit A net.toml | grep "^nothing to do"
    pleach_on A cleanup >/dev/null
    dump A >after
    diff before after
}
check "a root qdisc of somebody else's is no place for a queue, and cleanup leaves none" roots_of_others_stay

# What comes out of the tunnel of a net that carries subscribers says its number in the configured bits, and nothing else does.
tunnels_mark() { # type
    made $1
    sed 's/^attach/at = "csv:site:east"\n&/; s/^id = 1/id = 66051/' plain.toml >net.toml
    pleach_on B commit net.toml --phys B --accept-changes >/dev/null
    printf '[overlay]\nfile = "net.toml"\nphys = "A"\nmark = 0xffffff00\n' >pleach.toml
    pleach_on A commit --config pleach.toml | tail -n 1
    pleach_on A commit --config pleach.toml | grep "^nothing to do"
    ip netns exec A pleach overlay plan --config pleach.toml --format script | grep "skbedit mark 0x1020300/0xffffff00"
    tc -n A qdisc add dev tap1 clsact 2>/dev/null || true
    # Of pings alone: a bridge that snoops sends an IGMP report of its own.
    tc -n A filter add dev tap1 egress pref 5 protocol ip u32 match ip protocol 1 0xff match mark 0x01020300 0xffffff00 action ok
    tc -n A filter add dev tap1 egress pref 6 protocol ip u32 match ip protocol 1 0xff action ok
    pings 2-B 10.0.0.1
    counted() { tc -n A -s filter show dev tap1 egress pref $1 | sed -n 's/.*Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p'; }
    [ "$(counted 5)" -ge 2 ] && [ "$(counted 6)" -eq 0 ]
    rm pleach.toml
    commit A net.toml | tail -n 1
    pings 2-B 10.0.0.1
    [ "$(counted 6)" -ge 2 ]
}
check "a net that learns: its tunnel marks" tunnels_mark vxlan/e2e
check "hosts that are tunnels of their own mark" tunnels_mark geneve/e2e
check "a static net: its tunnel marks" tunnels_mark vxlan/static
