# What a subscriber in a net gets where the shaper itself puts aggregates (GSO) into the tunnel: as much as is computed, on kernels
# that count the tunnel's headers for each of an aggregate's packets, and on those that do not.
# needs: binary pleach
# needs: file tests/vm/guest/hosts.sh
. /suites/suite.sh
. /files/tests/vm/guest/hosts.sh

# Bytes of a packet in the net, and of its IPv4 and TCP headers with time stamps.
readonly PACKET=1450 HEADERS=52 ETHERNET=14
readonly PLAN_MBIT=20 SECONDS_EACH=2
# Thousandths that it may be off.
readonly GOAL=20

# A server behind tap0 of A, which shapes, and a subscriber behind tap0 of B: one net, bound to a site.
files() { # type of the settings, leaf
    mkdir -p /tmp/lab && cd /tmp/lab
    printf 'Site Name,Download Mbps,Upload Mbps,Parent Site Name,Type\nTower,500,500,,site\n' >nodes.csv
    printf '%s\n' 'Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,Download Min Mbps,Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment,sqm' \
        "c,,d,,Tower,,10.0.0.2,,$PLAN_MBIT,$PLAN_MBIT,$PLAN_MBIT,$PLAN_MBIT,," >ShapedDevices.csv
    cat >overlay.toml <<EOF_OVERLAY
[overlay.settings.default]
type = "$1"
[overlay.phys.A]
interface = "eth0"
ip = "172.16.0.1"
mtu = 1500
[overlay.phys.B]
interface = "eth0"
ip = "172.16.0.2"
mtu = 1500
[overlay.net.one]
id = 5001
at = "csv:node:Tower"
attach = ["A", "B"]
[overlay.net.one.virt.server]
mac = "02:00:00:00:00:01"
phys = "A"
interface = "tap0"
[overlay.net.one.virt.subscriber]
mac = "02:00:00:00:00:02"
phys = "B"
interface = "tap0"
EOF_OVERLAY
    cat >pleach.toml <<EOF_CONFIG
state = "/tmp/state-A"
[csv]
shaped_devices = "ShapedDevices.csv"
nodes = "nodes.csv"
[overlay]
file = "overlay.toml"
phys = "A"
[[shaper]]
name = "lab"
[shaper.interfaces]
toward_subscribers = "eth0"
toward_internet = "tap0"
[shaper.leaf]
kind = "$2"
EOF_CONFIG
}

# bit/s of TCP's payload from the server to the subscriber.
goodput() {
    ip netns exec subscriber iperf3 -s -1 -D
    # Its port in hexadecimal.
    until ip netns exec subscriber grep -i ':1451 ' /proc/net/tcp6 >/dev/null; do sleep 0.1; done
    ip netns exec server iperf3 -c 10.0.0.2 -t $SECONDS_EACH -O 1 -J | tr -d ' \t\n' |
        sed 's/.*"sum_received":{[^}]*"bits_per_second":\([0-9]*\).*/\1/'
}

# bit/s that `explain` says a plan leaves for it.
computed() {
    local bits
    bits=$(ip netns exec A pleach explain c --json | tr -d ' \n' | sed "s/.*\"inner\":\[{[^]]*\"packet\":$PACKET[^]]*\"down_bit\":\([0-9]*\).*/\1/")
    echo $((bits * (PACKET - HEADERS) / (PACKET + ETHERNET)))
}

# What the tunnel of a host does with aggregates.
limits() { # host, link
    ip -n $1 -d link show dev $2 | sed -n 's/.*\(gso_max_size [0-9]*\) \(gso_max_segs [0-9]*\).*/\2 \1/p'
}

# The hosts commit; B shapes nothing.
committed() { # type of the settings, leaf
    hosts
    virt server A tap0 1
    virt subscriber B tap0 2
    files $1 $2
    ip netns exec A pleach overlay commit
    (cd / && pleach_on B commit /tmp/lab/overlay.toml --phys B)
}

measure() { # type of the settings, leaf, whether aggregates are made
    committed $1 $2
    for end in server subscriber; do
        ip -n $end link set eth0 mtu $PACKET
        ip netns exec $end ethtool -K eth0 tso $3 gso $3 >/dev/null
    done
    ip netns exec A pleach apply
    local found expected off
    found=$(goodput) expected=$(computed)
    off=$(((found - expected) * 1000 / expected))
    echo "measured: $found of $expected bit/s, $off thousandths off"
    [ ${off#-} -le $GOAL ]
}

# It is a property like any other: it is there only where it is needed, put right, and undone.
split_where_needed() { # type of the settings, link
    local whole="gso_max_segs 65535 gso_max_size 65536" split="gso_max_segs 1 gso_max_size 512" needed
    committed $1 pfifo
    case $(uname -r) in 6.1.*) needed=$split ;; *) needed=$whole ;; esac
    [ "$(limits A $2)" = "$needed" ] || refute "A: $(limits A $2)"
    [ "$(limits B $2)" = "$whole" ] || refute "B: $(limits B $2)"
    ip netns exec A pleach overlay commit | grep "^nothing to do: "
    ip netns exec A pleach overlay status | grep "^everything is as the model says"
    ip -n A link set dev $2 gso_max_segs 1 gso_max_size 512
    ip netns exec A pleach overlay commit
    [ "$(limits A $2)" = "$needed" ] || refute "A, put right: $(limits A $2)"
    sed -i '/^at = /d' overlay.toml
    ip netns exec A pleach overlay commit
    [ "$(limits A $2)" = "$whole" ] || refute "A, not bound: $(limits A $2)"
    ip netns exec A pleach overlay commit | grep "^nothing to do: "
    ip netns exec A pleach overlay cleanup
}

check "vxlan/e2e: split where it is needed" split_where_needed vxlan/e2e pl-vx5001
check "geneve: split where it is needed" split_where_needed geneve pl-gn-p6081
check "vxlan/e2e, pfifo, aggregates" measure vxlan/e2e pfifo on
check "geneve, fq_codel, aggregates" measure geneve fq_codel on
check "geneve, fq_codel, single packets" measure geneve fq_codel off
