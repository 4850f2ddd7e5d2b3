# Hosts, virts and what is asked of them: for the suites of overlays.
cd /tmp

# Three namespaces as hosts on one Ethernet, `eth0` for tunnels and `eth1` for a direct net.
hosts() {
    ip netns add wire
    local number=0 host side
    for side in 0 1; do
        ip -n wire link add wire$side up type bridge mcast_snooping 0
    done
    for host in A B C; do
        number=$((number + 1))
        ip netns add $host
        ip -n $host link set lo up
        for side in 0 1; do
            ip -n $host link add eth$side up type veth peer name $host$side netns wire
            ip -n wire link set $host$side master wire$side up
        done
        ip -n $host address add 172.16.0.$number/24 dev eth0
        ip -n $host address add fd00:99::$number/64 dev eth0 nodad
    done
}

# A virt: a namespace behind an interface of a host that is down, with 10.0.0.NUMBER and fd00::NUMBER.
virt() { # namespace, host, interface, number
    ip netns add $1
    ip -n $1 -batch - <<COMMANDS
link add eth0 up address 02:00:00:00:00:0$4 type veth peer name $3 netns $2
address add 10.0.0.$4/24 dev eth0
address add fd00::$4/64 dev eth0 nodad
COMMANDS
}

pleach_on() { # host, arguments
    local host=$1
    shift
    ip netns exec "$host" pleach overlay "$@" --state /tmp/state-$host
}

commit() { # host, file
    pleach_on "$1" commit "$2" --phys "$1"
}

# Everything that a commit may touch on a host. An interface that was up once has a queue, which it keeps; whether it has a
# carrier the kernel says a moment later.
dump() { # host
    ip -n "$1" -d link show | sed 's/^[0-9]*: //; s/qdisc noop /qdisc noqueue /; s/ state [A-Z]*//; s/gso_max_size.*//; s/ addrgenmode.*//
        s/link.ether [^ ]*//; s/bridge_id.*//; s/designated_.*//; s/port_no.*//; s/port_id.*//; s/link-netns.*//; s/if[0-9]*//'
    ip -n "$1" address show | grep inet | grep -v fe80
    ip -n "$1" route show table all | grep -v "fe80\|multicast" | sort
    tc -n "$1" qdisc show | sed "/^qdisc noqueue/d; s/direct_packets_stat.*//"
    bridge -n "$1" fdb show | grep dst | grep permanent || true
}

filters() { # host
    local interface
    for interface in $(ip -n "$1" -o link show | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | sort); do
        echo "filter show dev $interface ingress"
        echo "filter show dev $interface egress"
    done >/tmp/asked
    tc -n "$1" -batch /tmp/asked | sed 's/index [0-9]*//; s/police 0x[0-9a-f]*//'
}

pings() { # from, to: two packets, each answered once
    local said
    said=$(ip netns exec "$1" ping -c 2 -i 0.2 -W 3 "$2" 2>&1) || { echo "$1 does not reach $2: $said"; return 1; }
    case $said in
        *DUP*) refute "$1 gets more than one answer from $2: $said" ;;
    esac
}

silent() { # from, to
    if ip netns exec "$1" ping -c 1 -W 0.5 "$2" >/dev/null 2>&1; then refute "$1 reaches $2"; fi
}

# Runs all of these at once, and fails if any does.
together() { # lines of commands
    local pids=() pid line
    while read -r line; do
        [ -n "$line" ] || continue
        eval "$line" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait $pid; done
}
