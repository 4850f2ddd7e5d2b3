# What somebody else has on a host, where a commit needs its place: it is named before anything is changed, or replaced with a word.
# needs: binary pleach
# needs: file tests/vm/guest/hosts.sh
. /suites/suite.sh
. /files/tests/vm/guest/hosts.sh

# Whether the kernel takes a second link beside a first one: `yes`, or `no` where it does not make it or does not set it up.
beside() { # state of the first, its options; options of the second
    local state=$1 first=$2 second=$3 answer=no
    ip netns add lone
    ip -n lone link add eth0 up type dummy
    ip -n lone address add 172.16.0.1/24 dev eth0
    ip -n lone address add fd00::1/64 dev eth0 nodad
    # shellcheck disable=SC2086
    ip -n lone link add first $first
    ip -n lone link set first $state
    # shellcheck disable=SC2086
    if ip -n lone link add second $second 2>/dev/null && ip -n lone link set second up 2>/dev/null; then answer=yes; fi
    ip netns delete lone
    echo $answer
}

# The table of `overlay/src/links/holds.rs`: what is wanted, what is there, and whether it goes beside that down and up.
the_kernel_refuses_what_we_say() {
    local wanted there down up found
    local vxlan="type vxlan dev eth0 learning dstport 4789" geneve="type geneve dstport 4789"
    while IFS=';' read -r wanted there down up; do
        found="$(beside down "$there" "$wanted") $(beside up "$there" "$wanted")"
        [ "$found" = "$down $up" ] || refute "$wanted beside $there: $found"
    done <<TABLE
$vxlan id 1 local 172.16.0.1;$vxlan id 1 local 172.16.0.1;no;no
$vxlan id 1 local 172.16.0.1;type vxlan dev eth0 id 1 local 172.16.0.1 dstport 4790;yes;yes
$vxlan id 1 local 172.16.0.1;$vxlan id 1 local fd00::1;yes;yes
$vxlan id 1 local 172.16.0.1;$vxlan id 2 local 172.16.0.1;yes;yes
$vxlan id 1 local 172.16.0.1;type vxlan external dstport 4789;yes;no
type vxlan external dstport 4789;$vxlan id 1 local fd00::1;yes;no
type vxlan external dstport 4789;type vxlan external dstport 4789;no;no
$vxlan id 1 local 172.16.0.1;$geneve id 1 remote 172.16.0.1;yes;no
$vxlan id 1 local 172.16.0.1;$geneve id 1 remote fd00::1;yes;yes
type vxlan external dstport 4789;$geneve id 1 remote fd00::1;yes;no
$geneve id 1 remote 172.16.0.1;$geneve id 1 remote 172.16.0.1;no;no
$geneve id 1 remote 172.16.0.1;$geneve id 1 remote 172.16.0.2;yes;yes
$geneve id 1 remote 172.16.0.1;$geneve id 2 remote 172.16.0.1;yes;yes
$geneve id 1 remote 172.16.0.1;$geneve external;no;no
$geneve external;$geneve id 1 remote fd00::1;no;no
$geneve external;type vxlan external dstport 4789;yes;no
link eth0 type vlan id 4094;link eth0 type vlan id 4094;no;no
link eth0 type vlan id 4093;link eth0 type vlan id 4094;yes;yes
TABLE
}

# A net of this type with a virt on A, whose rates are stated.
net() { # type, rates
    cat >net.toml <<EOF_NET
[overlay.settings.default]
type = "$1"
[overlay.phys.A]
interface = "eth0"
ip = "172.16.0.1"
[overlay.phys.B]
ip = "172.16.0.2"
[overlay.net.1]
id = 7
attach = ["A", "B"]
[overlay.net.1.virt.a]
mac = "02:00:00:00:00:01"
phys = "A"
interface = "tap0"
$2
EOF_NET
}

# A commit on A ends with this code, and says this.
ends_with() { # code, text
    local status=0
    commit A net.toml >said 2>&1 || status=$?
    cat said
    [ $status = "$1" ] && grep -F -e "$2" said
}

# The same where a link of somebody else's is there: nothing is changed, and without it the commit is done.
refused_beside() { # type, options of the other link, text
    hosts
    virt a A tap0 1
    net "$1" 'rate.out = { average = "1 Mbit/s", leaf = "fq_codel" }'
    # shellcheck disable=SC2086
    ip -n A link add foreign $2
    ip -n A link set foreign up || true # on an interface that is down it cannot be
    dump A >before
    ends_with 4 "$3"
    dump A >after
    diff before after
    ip -n A link delete foreign
    ends_with 0 "committed and verified"
    # What is there already is in nobody's way.
    ends_with 0 "nothing to do"
}

another_leaf() { # our leaf, its place, the other's words, what is said
    hosts
    virt a A tap0 1
    net vlan "rate.in = { average = \"1 Mbit/s\", leaf = \"$1\" }"
    commit A net.toml
    # shellcheck disable=SC2086
    tc -n A qdisc replace dev tap0 parent ace6:1 $2 $3
    ends_with 0 "$4"
    ! tc -n A qdisc show dev tap0 | grep -w "$3" || [ "$1" = "$3" ]
    ! tc -n A qdisc show dev tap0 | grep " $2:"
    ends_with 0 "nothing to do"
}

another_rate() {
    hosts
    virt a A tap0 1
    net vlan 'rate.in = { average = "1 Mbit/s", leaf = "fq_codel" }'
    commit A net.toml
    tc -n A class change dev tap0 parent ace6: classid ace6:1 htb rate 3mbit
    ends_with 0 "~ rate 3 Mbit/s -> 1 Mbit/s"
    ends_with 0 "nothing to do"
}

check "the kernel refuses what we say" the_kernel_refuses_what_we_say

# On 6.1 the rest is left out, for the sake of time.
case $(uname -r) in 6.1.*) exit ;; esac

check "a VLAN 4094 on a virt's interface" refused_beside geneve "link tap0 type vlan id 4094" \
    "excludes \`pl-r-"
check "a VLAN of the net's number" refused_beside vlan "link eth0 type vlan id 7" "excludes \`pl-vlan7\`: the VLAN 7 of \`eth0\`"
check "a VXLAN that takes all nets" refused_beside vxlan/e2e "type vxlan external dstport 4789" "excludes \`pl-vx7\`"
check "a Geneve of one net" refused_beside geneve "type geneve id 9 remote 172.16.0.9 dstport 6081" \
    "excludes \`pl-gn-p6081\`: Geneve of all nets on UDP port 6081"
check "a Geneve of the net and the host" refused_beside geneve/e2e "type geneve id 7 remote 172.16.0.2 dstport 6081" \
    "Geneve 7 on UDP port 6081 to 172.16.0.2"
check "another leaf in our HTB" another_leaf fq_codel "handle 10" netem "- leaf netem of somebody else's"
check "another leaf of our kind" another_leaf fq_codel "handle 10" fq_codel "- leaf fq_codel of somebody else's"
check "another rate in our HTB" another_rate
