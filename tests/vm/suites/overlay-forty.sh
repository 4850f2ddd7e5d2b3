# Forty hosts at once, in a net whose frames find their way by filters: copies to 39 others are three filters.
# needs: binary pleach
# by name only: emulation takes a minute and a half for it
# needs: file tests/vm/guest/hosts.sh
. /suites/suite.sh
. /files/tests/vm/guest/hosts.sh

readonly HOSTS=40
# Packets to everybody: as often as the kernel asks for an address (mcast_solicit).
readonly COPIES=3

# Runs a command for each host, two at once; it is given the host's number.
on_every_host() { # command
    local number
    for ((number = 1; number <= HOSTS; number += 2)); do
        together <<<"$1 $number"$'\n'"$1 $((number + 1))"
    done
}

# Host `hN` with 172.16.0.N and, behind `tap`, the virt `vN` with 10.0.0.N. It counts what comes to everybody.
host_and_virt() { # number
    local mac name
    mac=$(mac_of "$1")
    # No packets but those of the test: IPv6 would announce itself, to all.
    for name in h$1 v$1; do ip netns exec $name sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; done
    ip -n h$1 -batch - <<COMMANDS
link set lo up
link set eth0 up
address add 172.16.0.$1/24 dev eth0
link add tap type veth peer name eth0 netns v$1
COMMANDS
    ip -n v$1 -batch - <<COMMANDS
link set eth0 address $mac
link set eth0 up
address add 10.0.0.$1/24 broadcast 10.0.0.255 dev eth0
COMMANDS
    tc -n v$1 -batch - <<COMMANDS
qdisc add dev eth0 clsact
filter add dev eth0 ingress pref 1 protocol ip flower dst_mac ff:ff:ff:ff:ff:ff ip_proto icmp action ok
filter add dev eth0 ingress pref 2 protocol arp flower dst_mac ff:ff:ff:ff:ff:ff action ok
COMMANDS
}

mac_of() { printf '02:00:00:00:00:%02x' "$1"; } # number

forty_hosts() {
    local number
    # All namespaces share one table of neighbours, for which 40 times 39 are too many.
    sysctl -qw net.ipv4.neigh.default.gc_thresh3=8192 net.ipv4.neigh.default.gc_thresh2=8192
    ip netns add wire
    ip -n wire link add wire type bridge mcast_snooping 0
    ip -n wire link set wire up
    for ((number = 1; number <= HOSTS; number++)); do printf 'netns add h%s\nnetns add v%s\n' $number $number; done | ip -batch -
    for ((number = 1; number <= HOSTS; number++)); do
        echo "link add h$number up master wire type veth peer name eth0 netns h$number"
    done | ip -n wire -batch -
    on_every_host host_and_virt
}

model() {
    local number names=
    for ((number = 1; number <= HOSTS; number++)); do
        printf '[overlay.phys.h%s]\ninterface = "eth0"\nip = "172.16.0.%s"\n' $number $number
        names+="\"h$number\", "
    done
    printf '[overlay.settings.default]\ntype = "vxlan/static"\n[overlay.net.1]\nid = 1\nattach = [%s]\n' "$names"
    for ((number = 1; number <= HOSTS; number++)); do
        printf '[overlay.net.1.virt.v%s]\nphys = "h%s"\ninterface = "tap"\nmac = "%s"\n' $number $number "$(mac_of $number)"
    done
}

commits() { commit h$1 net.toml >said-$1; } # number

# Links with their state, and qdiscs. An interface that was up once has a queue, which it keeps.
held() { # number
    { ip -n h$1 -o link show && tc -n h$1 qdisc show; } | sed 's/qdisc noop /qdisc noqueue /; /^qdisc noqueue/d'
}

notes() { held $1 >before-$1; } # number

is_clean() { # number
    pleach_on h$1 cleanup >/dev/null
    held $1 | diff before-$1 -
}

# What everybody was sent has come this often to this virt: ICMP, then ARP.
got() { # number, count
    local counts
    counts=$(tc -n v$1 -s filter show dev eth0 ingress | awk '/ pkt/ && !seen[pref]++ { printf "%s ", $4 } / pref / { pref = $5 }')
    [ "$counts" = "$2 $2 " ] || refute "virt $1 got these copies of $2: $counts"
}

all_of_forty() {
    local number started
    forty_hosts
    model >net.toml
    on_every_host notes
    started=${EPOCHREALTIME/./}
    on_every_host commits
    started=$(((${EPOCHREALTIME/./} - started) / 1000))
    for number in 1 40; do commit h$number net.toml | grep "^nothing to do"; done

    # Who has an address that nobody has is asked three times.
    ip netns exec v1 ping -c 1 -W 4 10.0.0.99 >/dev/null || true
    ip netns exec v1 ping -b -c $COPIES -i 0.2 -W 1 10.0.0.255 >/dev/null 2>&1 || true
    got 1 0
    for ((number = 2; number <= HOSTS; number++)); do got $number $COPIES; done

    for number in 2 15 16 17 31 32 33 40; do echo "pings v1 10.0.0.$number"; done | together
    printf '%s\n' "pings v40 10.0.0.39" "pings v20 10.0.0.2" | together
    on_every_host is_clean
    echo "measured: 40 commits in $started ms, the first: $(tail -n 1 said-1)"
}
check "forty hosts: reached, each copy once, cleanup leaves nothing" all_of_forty
