# Subscribers in nets, on a kernel with Geneve and skbedit: one address in two nets, told by the net; tunnels over IPv4 and IPv6
# that pass through the shaper, and one that ends on it and marks what comes out.
# by name only: it takes a minute and a half
# needs: binary pleach
. /suites/suite.sh

readonly PACKETS=20

# far - [ shaper: a bridge ] - near
three_hosts() {
    for host in far shaper near; do
        ip netns add $host
        ip -n $host link set lo up
    done
    ip link add lan netns shaper type veth peer name eth0 netns far
    ip link add wan netns shaper type veth peer name eth0 netns near
    ip -n shaper link add bridge type bridge mcast_snooping 0
    for port in lan wan; do ip -n shaper link set $port up; done
    ip -n shaper link set bridge up
    local number=1 host
    for host in near far; do
        ip -n $host link set eth0 up
        ip -n $host addr add 172.16.0.$number/24 dev eth0
        ip -n $host addr add fd00:99::$number/64 dev eth0 nodad
        number=$((number + 1))
    done
}

# The end of a net in a namespace of its own.
end() { # host, technology, number, options, address
    local name=$1-$3
    ip netns add $name
    # shellcheck disable=SC2086
    ip -n $1 link add net$3 type $2 id $3 $4
    ip -n $1 link set net$3 netns $name
    ip -n $name addr add $5/24 dev net$3
    ip -n $name link set net$3 up
}

files() { # type of the settings, underlay's prefix for addresses, whether the near end is here
    cd "$(mktemp -d)"
    printf 'Site Name,Download Mbps,Upload Mbps,Parent Site Name,Type\nTower A,100,100,,site\nTower B,100,100,,site\n' >nodes.csv
    printf '%s\n' 'Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,Download Min Mbps,Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment,sqm' \
        'c1,,d1,,Tower A,,10.0.0.1,,,,20,20,,' 'c2,,d2,,Tower B,,10.0.0.1,,,,20,20,,' >ShapedDevices.csv
    cat >overlay.toml <<EOF_OVERLAY
[overlay.settings.default]
type = "$1"
[overlay.phys.near]
interface = "lan"
ip = "${2}1"
local = $3
[overlay.phys.far]
ip = "${2}2"
[overlay.net.one]
id = 5001
at = "csv:node:Tower A"
attach = ["near", "far"]
[overlay.net.two]
id = 5002
at = "csv:node:Tower B"
attach = ["near", "far"]
EOF_OVERLAY
    cat >pleach.toml <<'EOF_CONFIG'
state = "state"
[csv]
shaped_devices = "ShapedDevices.csv"
nodes = "nodes.csv"
[overlay]
file = "overlay.toml"
mark = 0x00ffffff
[[shaper]]
name = "lab"
[shaper.interfaces]
toward_subscribers = "lan"
toward_internet = "wan"
[shaper.leaf]
kind = "fq_codel"
EOF_CONFIG
}

# Packets that were classified as the circuit's of a net, in a direction.
classified() { # net, direction
    local packets
    packets=$(ip netns exec shaper pleach trace 10.0.0.1 --net $1 --json | sed -n "/^    \"$2\": {/,/^    }/p" |
        sed -n '/"classified": {/,/}/s/.*"packets": \([0-9]*\).*/\1/p')
    echo "${packets:-0}"
}

# Pings from the far end of a net are that net's circuit's, and not the other's.
told_apart() { # address that is pinged in each net
    local net number other before
    for net in one two; do
        number=$([ $net = one ] && echo 5001 || echo 5002)
        other=$([ $net = one ] && echo two || echo one)
        before=$(classified $other upload)
        ip netns exec far-$number ping -c $PACKETS -i 0.05 -W 3 "$1" >/dev/null
        for direction in download upload; do
            [ "$(classified $net $direction)" -ge $PACKETS ] || { echo "net $net, $direction"; return 1; }
        done
        [ "$(classified $other upload)" = "$before" ] || { echo "net $other has packets of $net"; return 1; }
    done
}

through() { # technology, type of the settings, near, far
    three_hosts
    for port in lan wan; do ip -n shaper link set $port master bridge; done
    for number in 5001 5002; do
        if [ $1 = geneve ]; then
            end near geneve $number "remote $4 dstport 6081" 10.0.0.254
            end far geneve $number "remote $3 dstport 6081" 10.0.0.1
        else
            end near vxlan $number "local $3 remote $4 dstport 4789" 10.0.0.254
            end far vxlan $number "local $4 remote $3 dstport 4789" 10.0.0.1
        fi
    done
    files $2 "${3%1}" false
    ip netns exec shaper pleach apply
    told_apart 10.0.0.254
    ip netns exec shaper pleach stop
}

# The near end is the shaper itself: what comes out of a net is marked by the kernel's own skbedit.
ending_here() {
    three_hosts
    ip -n shaper addr add 172.16.0.1/24 dev lan
    ip -n near addr add 192.0.2.2/24 dev eth0
    ip -n near route add 10.0.0.0/24 via 192.0.2.1
    ip -n shaper addr add 192.0.2.1/24 dev wan
    ip -n near addr del 172.16.0.1/24 dev eth0
    ip netns exec shaper sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
    end far geneve 5001 "remote 172.16.0.1 dstport 6081" 10.0.0.1
    ip -n far-5001 route add default via 10.0.0.254
    ip -n shaper link add net5001 type geneve id 5001 remote 172.16.0.2 dstport 6081
    ip -n shaper addr add 10.0.0.254/24 dev net5001
    ip -n shaper link set net5001 up
    ip netns exec shaper tc qdisc add dev net5001 clsact
    ip netns exec shaper tc filter add dev net5001 ingress matchall action skbedit mark 5001/0x00ffffff
    files geneve/e2e 172.16.0. true
    ip netns exec shaper pleach apply
    ip netns exec far-5001 ping -c $PACKETS -i 0.05 -W 3 192.0.2.2 >/dev/null
    for direction in download upload; do
        [ "$(classified one $direction)" -ge $PACKETS ] || { echo "$direction"; return 1; }
    done
    ip netns exec shaper pleach stop
}

check "Geneve over IPv4 is told by net and address" through geneve geneve/e2e 172.16.0.1 172.16.0.2
check "Geneve over IPv6 is told by net and address" through geneve geneve/e2e fd00:99::1 fd00:99::2
check "VXLAN over IPv6 is told by net and address" through vxlan vxlan/e2e fd00:99::1 fd00:99::2
check "what comes out of a tunnel here is told by its mark" ending_here
