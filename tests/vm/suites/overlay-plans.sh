# Plans of overlays, run by real ip, tc and bridge: three hosts, two nets that have the same addresses, every network type.
# Any other testdata/overlay/hosts-* can stand in the list too; a case takes ten seconds on a quiet machine.
# by name only: static and Geneve nets have not come to an end in it yet (tests/vm/run --limit 600 overlay-plans)
# needs: file testdata/overlay
. /suites/suite.sh

# Three namespaces as hosts with `eth0` on one Ethernet, and the virts of testdata/overlay/hosts-* as namespaces behind them:
# NET-HOST, and `second`, with 10.0.0.N on N = 1, 2, 3 for A, B, C and 4 for `second`.
three_hosts() {
    ip netns add wire
    ip -n wire link add wire type bridge
    ip -n wire link set wire up
    local number=0 host net
    for host in A B C; do
        number=$((number + 1))
        ip netns add $host
        ip -n $host link add eth0 type veth peer name $host netns wire
        ip -n wire link set $host master wire up
        ip -n $host link set lo up
        ip -n $host link set eth0 up
        ip -n $host address add 172.16.0.$number/24 dev eth0
        ip -n $host address add fd00:99::$number/64 dev eth0 nodad
        for net in 1 2; do
            virt $net-$host $host tap$net $number
        done
    done
    virt second A tap3 4
}

virt() { # namespace, host, interface, number
    ip netns add $1
    ip -n $1 link add eth0 address 02:00:00:00:00:0$4 type veth peer name $3 netns $2
    ip -n $1 link set lo up
    ip -n $1 link set eth0 up
    ip -n $1 address add 10.0.0.$4/24 dev eth0
}

pings() { # from, to: three packets, each answered once
    local said
    said=$(ip netns exec "$1" ping -c 3 -i 0.2 -W 2 "$2" 2>&1) || { echo "$1 does not reach $2: $said"; return 1; }
    case $said in
        *DUP*) refute "$1 gets more than one answer from $2: $said" ;;
    esac
}

is_silent() { # from, to
    if ip netns exec "$1" ping -c 1 -W 1 "$2" >/dev/null 2>&1; then refute "$1 reaches $2"; fi
}

a_net_is_one_ethernet() { # case
    three_hosts
    local host net
    for host in A B C; do
        ip netns exec $host bash /files/testdata/overlay/$1/expected/plan-$host.sh
    done
    # IPv6 finds out whether its own address is free before it is used.
    sleep 2
    for net in 1 2; do
        pings $net-A 10.0.0.2
        pings $net-A 10.0.0.3
        pings $net-C 10.0.0.1
        pings $net-C 10.0.0.2
    done
    # On one host, and the rule: nothing of ICMP from 10.0.0.2 gets into `second`.
    pings 1-A 10.0.0.4
    pings 1-C 10.0.0.4
    is_silent 1-B 10.0.0.4
    # The other net has nobody with this address.
    is_silent 2-A 10.0.0.4
    is_silent 2-B 10.0.0.4
    # A full frame of the recommended MTU, without fragments inside.
    ip netns exec 1-A ping -c 1 -W 2 -M do -s 1372 10.0.0.2 >/dev/null || refute "1400 bytes do not pass"
}

for type in vxlan-static geneve-ipv6 geneve-e2e vlan vxlan-mcast vxlan-e2e-ipv6; do
    check "$type: same net reachable and not twice, other net not, rules" a_net_is_one_ethernet hosts-$type
done

# Rules on every part of a packet, limits with a burst rate.
everything_is_taken() {
    ip netns add A
    ip -n A link add tap0 type veth peer name peer0
    ip -n A link add tap1 type veth peer name peer1
    ip netns exec A bash /files/testdata/overlay/links-geneve/expected/plan-A.sh
    local copies
    copies=$(ip netns exec A tc filter show dev tap0 ingress chain 2)
    grep "Egress Mirror to device pl-gn-p6081" <<<"$copies"
}
check "every match and action is taken by the kernel" everything_is_taken
