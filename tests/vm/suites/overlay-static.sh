# Overlays whose frames find their way by filters, committed on three hosts: copies, strangers, moves, rules, limits, and what
# is not ours.
# needs: binary pleach
# needs: file tests/vm/guest/hosts.sh
# needs: file testdata/overlay/links-geneve
. /suites/suite.sh
. /files/tests/vm/guest/hosts.sh

# A static net with these physes; the first is host A.
static_net() { # how many remote hosts
    local number names=
    for ((number = 1; number <= $1 + 1; number++)); do
        printf '[overlay.phys.%s]\nip = "172.16.0.%s"\ninterface = "eth0"\n' h$number $number
        names+="\"h$number\", "
    done
    printf '[overlay.settings.default]\ntype = "vxlan/static"\n[overlay.net.1]\nid = 1\nattach = [%s]\n' "$names"
    printf '[overlay.net.1.virt.a]\nphys = "h1"\ninterface = "tap1"\nmac = "02:00:00:00:00:01"\n'
}

copies_reach_every_host() {
    hosts
    virt 1-A A tap1 1
    local remotes filters
    for remotes in 15 16 31 32; do
        static_net $remotes >net.toml
        pleach_on A commit net.toml --phys h1 >/dev/null
        pleach_on A commit net.toml --phys h1 | grep "^nothing to do"
        filters=$(tc -n A filter show dev tap1 ingress chain 2)
        [ "$(grep -c "tunnel_key  set" <<<"$filters")" -eq $remotes ]
        [ "$(grep -c "Egress Mirror to device pl-vx-p4789" <<<"$filters")" -eq $remotes ]
        [ "$(grep -c "gact action continue" <<<"$filters")" -eq $(((remotes + 14) / 15)) ]
    done
}
check "15, 16, 31 and 32 remote hosts: every copy is there" copies_reach_every_host

# Rules on every part of a packet, limits with a burst rate.
every_match_is_taken() {
    hosts
    ip -n A link add tap0 type veth peer name peer0
    ip -n A link add tap1 type veth peer name peer1
    sed '/^\[overlay.phys.A\]/a interface = "eth0"' /files/testdata/overlay/links-geneve/input.toml >net.toml
    commit A net.toml >/dev/null
    commit A net.toml | grep "^nothing to do"
}
check "every match and action is taken, and read back the same" every_match_is_taken

# On 6.1 the rest is left out, for the sake of time; fragments are of 6.4.
case $(uname -r) in 6.1.*) exit ;; esac

# Three hosts and a static net; virts 1 on A, 2 on B, and whatever comes behind.
small_net() { # type
    local number=0 host
    printf '[overlay.settings.default]\ntype = "%s"\n[overlay.net.1]\nid = 1\nattach = ["A", "B", "C"]\n' $1
    for host in A B C; do
        number=$((number + 1))
        printf '[overlay.phys.%s]\ninterface = "eth0"\nip = "172.16.0.%s"\n' $host $number
    done
    printf '[overlay.net.1.virt.a]\nphys = "A"\ninterface = "tap1"\nmac = "02:00:00:00:00:01"\n'
}

with_virt() { # phys
    small_net $type
    printf '[overlay.net.1.virt.m]\nphys = "%s"\ninterface = "tap2"\nmac = "02:00:00:00:00:02"\n' $1
}

# A frame from a host that nobody knows, with the right number and the right stations.
strangers_are_dropped() { # type, tunnel, how the stranger makes it
    local type=$1 dropped
    hosts
    virt 1-A A tap1 1
    virt 2-B B tap2 2
    with_virt B >net.toml
    commit A net.toml >/dev/null
    commit B net.toml >/dev/null
    pings 2-B 10.0.0.1
    ip -n wire address add 172.16.0.66/24 dev wire0
    # shellcheck disable=SC2086
    ip -n wire link add forged up address 02:00:00:00:00:66 type $3
    ip -n wire address add 10.0.0.66/24 dev forged
    ip -n wire neighbour add 10.0.0.1 lladdr 02:00:00:00:00:01 dev forged
    ip -n 1-A neighbour add 10.0.0.66 lladdr 02:00:00:00:00:66 dev eth0
    counted() { tc -n A -s filter show dev $2 ingress chain 0 pref 65284 | sed -n 's/.*(dropped \([0-9]*\),.*/\1/p' | tail -n 1; }
    dropped=$(counted A $2)
    ip netns exec wire ping -c 3 -i 0.2 -W 1 10.0.0.1 && refute "a stranger gets an answer"
    [ $(($(counted A $2) - dropped)) -ge 3 ]
    ip -n wire link set forged down # it says no more, so that both count the same
    pleach_on A status net.toml --phys A >status
    cat status
    [ "$(sed -n "s/^  link $2 up, .*, from strangers \([0-9]*\)$/\1/p" status)" -eq "$(counted A $2)" ]
    grep "^net 1 ($type 1) at A: committed$" status
    [ "$(sed -n '/^  virt a on tap1 up$/,$s/^    in  passed \([0-9]*\) packets .*/\1/p' status)" -ge 2 ]
    pings 2-B 10.0.0.1
}
check "vxlan/static: frames of strangers are dropped and counted" strangers_are_dropped vxlan/static pl-vx-p4789 \
    "vxlan id 1 dstport 4789 local 172.16.0.66 remote 172.16.0.1"
check "geneve: frames of strangers are dropped and counted" strangers_are_dropped geneve pl-gn-p6081 \
    "geneve id 1 dstport 6081 remote 172.16.0.1"

# New host, senders, old host: at most one packet of a stream is lost, and none comes twice.
a_virt_moves() {
    local type=vxlan/static pid said
    hosts
    virt 1-A A tap1 1
    virt 2-B B tap2 2
    virt 2-C C tap2 2
    with_virt B >before.toml
    with_virt C >after.toml
    for host in A B C; do commit $host before.toml >/dev/null; done
    pings 1-A 10.0.0.2
    ip netns exec 1-A ping -i 0.02 -c 300 -W 2 10.0.0.2 >stream &
    pid=$!
    sleep 1
    commit C after.toml >out-C
    sleep 0.5
    commit A after.toml >out-A
    sleep 0.5
    commit B after.toml >out-B
    wait $pid || true
    said=$(tail -n 3 stream)
    echo "$said"
    if grep DUP stream; then refute "packets come twice"; fi
    [ "$(sed -n 's/.*transmitted, \([0-9]*\) .*received.*/\1/p' <<<"$said")" -ge 299 ]
    grep "^committed and verified: 1 operation$" out-A
    echo "measured: $(grep transmitted stream)"
}
check "a virt moves in three steps under a stream of 50 packets/s" a_virt_moves

rules_and_limits() {
    hosts
    local type=vxlan/static
    virt 1-A A tap1 1
    virt 2-B B tap2 2
    virt 3-A A tap3 3
    with_virt B >net.toml
    cat >>net.toml <<'TOML'
[overlay.net.1.virt.third]
phys = "A"
interface = "tap3"
mac = "02:00:00:00:00:03"
rate.out = { average = 20, burst = "128 KiB" }
rate.in = { average = 10, burst = "128 KiB" }
[[overlay.net.1.virt.third.rule]]
direction = "in"
priority = 1
action = "accept"
source = "10.0.0.2"
protocol = "tcp"
destination_ports = "5000-5001"
[[overlay.net.1.virt.third.rule]]
direction = "in"
priority = 2
action = "drop"
source = "10.0.0.2/31"
[[overlay.net.1.virt.third.rule]]
direction = "in"
priority = 3
action = "drop"
protocol = "icmpv6"
source = "fd00::1"
TOML
    commit A net.toml >/dev/null
    commit B net.toml >/dev/null
    commit A net.toml | grep "^nothing to do"
    pings 1-A 10.0.0.3
    silent 2-B 10.0.0.3
    pings 2-B fd00::3
    silent 1-A fd00::3
    pleach_on A status net.toml --phys A >status
    cat status
    sed -n '/^  virt third on tap3 up$/,$p' status >third
    grep "^        rule 2 dropped [1-9][0-9]* packets\? .*: src_ip 10.0.0.2/31$" third
    grep "^        rule 3 dropped [1-9][0-9]* packets\? .*: ip_proto icmpv6 src_ip fd00::1$" third
    grep "^        rule 1 accepted 0 packets " third
    ip netns exec 3-A iperf3 -s -p 5001 >/dev/null &
    ip netns exec 1-A iperf3 -s -p 5002 >/dev/null &
    sleep 1
    local into out
    rate() { sed -n 's/.* \([0-9.]*\) Mbits.sec.*receiver.*/\1/p' | cut -d. -f1; }
    ip netns exec 2-B timeout 5 iperf3 -n 20K -p 5001 -c 10.0.0.3 >/dev/null
    into=$(ip netns exec 1-A iperf3 -u -b 30M -l 1200 -t 2 -p 5001 -c 10.0.0.3 -f m | rate)
    out=$(ip netns exec 3-A iperf3 -u -b 40M -l 1200 -t 2 -p 5002 -c 10.0.0.1 -f m | rate)
    kill %1 %2
    pleach_on A status net.toml --phys A | sed -n '/^  virt third on tap3 up$/,$p' >third
    cat third
    grep "^        rule 1 accepted [1-9]" third
    [ "$(grep -c "^        limit dropped [1-9]" third)" -eq 2 ]
    # Beyond the average there is the burst: half a megabit a second of the two.
    [ "$into" -ge 8 ] && [ "$into" -le 11 ] && [ "$out" -ge 16 ] && [ "$out" -le 21 ] || refute "in $into, out $out"
    echo "measured: in $into of 10, out $out of 20 Mbit/s"
}
check "rules and limits, in their order" rules_and_limits

# Nothing of somebody else's is deleted or changed.
others_are_left_alone() {
    local type=vxlan/static
    hosts
    virt 1-A A tap1 1
    virt 2-A A tap2 2
    with_virt A >net.toml
    tc -n A qdisc add dev tap1 root handle 1: htb
    tc -n A class add dev tap1 parent 1: classid 1:10 htb rate 10mbit
    tc -n A qdisc add dev tap2 clsact
    tc -n A filter add dev tap2 egress pref 5 protocol all matchall action ok
    ip -n A link set tap2 up
    dump A >before
    tc -n A filter show dev tap2 egress >>before

    refused() { # words
        local status=0
        commit A net.toml 2>said || status=$?
        [ $status -eq 4 ] && grep "$1" said && grep "nothing was changed" said
    }
    ip -n A link add pl-vx1-s type dummy
    refused 'the link `pl-vx1-s` has a name of ours'
    ip -n A link delete pl-vx1-s
    ip -n A link add br0 type bridge
    ip -n A link set tap2 master br0
    refused '`tap2` is in `br0`, which is not ours'
    ip -n A link set tap2 nomaster
    ip -n A link delete br0
    tc -n A qdisc add dev tap1 ingress
    refused '`tap1` has an `ingress` qdisc'
    tc -n A qdisc delete dev tap1 ingress
    dump A >again
    tc -n A filter show dev tap2 egress >>again
    diff before again

    commit A net.toml >/dev/null
    tc -n A class show dev tap1 | grep "htb 1:10"
    tc -n A filter show dev tap2 egress | grep "pref 5 matchall"
    # The kernel keeps who dies half way from nothing: the next one goes on.
    ip -n A link delete pl-vx1-s
    tc -n A filter delete dev tap1 ingress chain 2
    commit A net.toml >/dev/null
    commit A net.toml | grep "^nothing to do"
    pleach_on A cleanup >/dev/null
    dump A >after
    tc -n A filter show dev tap2 egress >>after
    diff before after
}
check "links, bridges, qdiscs and filters of others stay as they are" others_are_left_alone

# Killed at any moment, and run again.
who_is_killed_is_followed() {
    local type=geneve delay pid
    hosts
    virt 1-A A tap1 1
    virt 2-B B tap2 2
    with_virt B >net.toml
    commit B net.toml >/dev/null
    dump A >before
    for delay in 0.03 0.06 0.12; do
        ip netns exec A pleach overlay commit net.toml --phys A --state /tmp/state-A >/dev/null 2>&1 &
        pid=$!
        sleep $delay
        kill -9 $pid 2>/dev/null || true
        wait $pid 2>/dev/null || true
        commit A net.toml | tail -n 1
        commit A net.toml | grep "^nothing to do"
        pings 1-A 10.0.0.2
        pleach_on A cleanup >/dev/null
        dump A >after
        diff before after
    done
}
check "a commit that was killed is followed by one that finishes" who_is_killed_is_followed

# Outer packets are not fragmented: what is too long is dropped and counted, and what is not passes.
long_frames_are_counted() {
    local type=vxlan/static dropped
    hosts
    virt 1-A A tap1 1
    virt 2-B B tap2 2
    with_virt B >net.toml
    commit A net.toml >/dev/null
    commit B net.toml >/dev/null
    ip netns exec 1-A ping -c 2 -i 0.2 -W 2 -M do -s 1422 10.0.0.2 >/dev/null
    counted() { ip -n A -s link show dev pl-vx-p4789 | tail -n 1 | awk '{ print $4 }'; }
    dropped=$(counted)
    if ip netns exec 1-A ping -c 2 -i 0.2 -W 1 -M do -s 1423 10.0.0.2 >/dev/null; then refute "it was fragmented"; fi
    [ $(($(counted) - dropped)) -eq 2 ]
    pleach_on A status net.toml --phys A | grep "^  link pl-vx-p4789 up, .* not sent $(counted), "
}
check "frames that are too long for the underlay are dropped and counted" long_frames_are_counted

# They may be, if that is said, and then no more when it is not: nothing but the filters changes.
long_frames_are_fragmented() { # type
    hosts
    virt 1-A A tap1 1
    virt 2-B B tap2 2
    for at in 1-A 2-B; do ip -n $at link set eth0 mtu 2000; done
    ip -n A link set tap1 mtu 2000
    ip -n B link set tap2 mtu 2000
    type=$1
    with_virt B | sed 's/^type/df = "unset"\n&/; s/^id = 1/&\nmtu = 2000/' >net.toml
    commit A net.toml >/dev/null
    commit B net.toml >/dev/null
    commit A net.toml | grep "^nothing to do"
    ip netns exec 1-A ping -c 2 -i 0.2 -W 2 -M dont -s 1900 10.0.0.2 >/dev/null
    # Without it the net can have no such MTU; what it has it keeps.
    sed -i 's/^df = "unset"//; s/^mtu = 2000//' net.toml
    commit A net.toml | tail -n 2
    commit A net.toml | grep "^nothing to do"
    if ip netns exec 1-A ping -c 2 -i 0.2 -W 1 -M dont -s 1900 10.0.0.2 >/dev/null; then refute "it was fragmented"; fi
}
check "where it is said, long frames go in fragments: a static net" long_frames_are_fragmented vxlan/static
check "where it is said, long frames go in fragments: a tunnel a host" long_frames_are_fragmented geneve/e2e
