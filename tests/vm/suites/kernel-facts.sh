# What the shaper takes for granted about the kernel, asked of the kernel. Each fact is one that a design rests on, and
# that nothing promises: where a test fails on a new kernel, the rule that leans on it wants another look.
. /suites/suite.sh

# A device in a namespace of its own that swallows packets, with four transmit queues, and 10.0.0.2 behind it.
sink() {
    ip netns add left
    ip -n left link add sink numtxqueues 4 type dummy
    ip -n left link set sink up
    ip -n left address add 10.0.0.1/24 dev sink
    ip -n left neighbour add 10.0.0.2 lladdr 02:00:00:00:00:02 dev sink
}

# `tc` in that namespace.
t() { tc -n left "$@"; }

# Sends twenty packets of 1 042 bytes, to which there is no answer. The socket's buffer is large enough for all of them.
send() { ip netns exec left ping -q -c 20 -i 0.01 -s 1000 -S 200000 -W 0.1 10.0.0.2 || [ $? -eq 1 ]; }

# Prints how many packets wait in a class or a qdisc: `queued class htb 1:10`.
queued() {
    t -s "$1" show dev sink | awk -v of="$1 $2 $3 " 'index($0, of) == 1 { here = 1 } here && /backlog/ { print $3 + 0; exit }'
}

# Next to nothing leaves this class after its first packets: a packet in eight seconds.
readonly STILL="htb rate 1kbit ceil 1kbit burst 1500b cburst 1500b quantum 1500"

still_class() {
    sink
    t qdisc add dev sink root handle 1: htb default 10
    t class add dev sink parent 1: classid 1:10 $STILL
    t qdisc add dev sink parent 1:10 handle 10: pfifo limit 100
    send
    t -s qdisc show dev sink
    [ "$(queued qdisc pfifo 10:)" -ge 15 ]
}

change_keeps_packets() {
    still_class
    local before
    before=$(queued qdisc pfifo 10:)
    t class change dev sink parent 1: classid 1:10 htb rate 1kbit ceil 2kbit burst 1500b cburst 1500b quantum 3000
    t qdisc change dev sink handle 10: pfifo limit 200
    [ "$(queued qdisc pfifo 10:)" -eq "$before" ]
}
check "changing a class or a leaf's limit keeps what is queued" change_keeps_packets

another_kind_drops_packets() {
    still_class
    t qdisc replace dev sink parent 1:10 handle 11: fq_codel
    [ "$(queued qdisc fq_codel 11:)" -eq 0 ]
}
check "replacing a leaf by another kind drops what is queued" another_kind_drops_packets

child_class_drops_packets() {
    still_class
    t class add dev sink parent 1:10 classid 1:11 $STILL
    if t qdisc show dev sink | grep 'pfifo 10:'; then refute "the leaf is still there"; fi
    [ "$(queued class htb 1:10)" -eq 0 ]
}
check "a class added under a leaf class drops what is queued" child_class_drops_packets

other_parent_is_ignored() {
    sink
    t qdisc add dev sink root handle 1: htb
    for class in 1 2; do t class add dev sink parent 1: classid 1:$class htb rate 10mbit quantum 1500; done
    t class add dev sink parent 1:1 classid 1:10 htb rate 5mbit quantum 1500
    t class change dev sink parent 1:2 classid 1:10 htb rate 6mbit quantum 1500
    t class show dev sink
    t class show dev sink | grep -q 'class htb 1:10 parent 1:1 .* rate 6Mbit'
}
check "a class changed to another parent stays where it is, acknowledged" other_parent_is_ignored

flows_are_fixed() {
    sink
    t qdisc add dev sink root handle 1: fq_codel flows 64
    t qdisc change dev sink root handle 1: fq_codel limit 500
    if t qdisc change dev sink root handle 1: fq_codel flows 128; then refute "the number of flows was changed"; fi
    t qdisc show dev sink | grep 'limit 500p flows 64 '
}
check "the flows of fq_codel are fixed, its limit is not" flows_are_fixed

grafting_empties_a_neighbour() {
    sink
    t qdisc add dev sink root handle 1: mq
    for queue in 1 2; do
        t qdisc add dev sink parent 1:$queue handle 1$queue: htb default 1
        t class add dev sink parent 1$queue: classid 1$queue:1 $STILL
    done
    t qdisc add dev sink clsact
    t filter add dev sink egress matchall action skbedit queue_mapping 1
    send
    t -s qdisc show dev sink
    [ "$(queued class htb 12:1)" -ge 15 ]
    t qdisc replace dev sink parent 1:1 handle 21: pfifo
    [ "$(queued class htb 12:1)" -eq 0 ]
}
check "grafting one child of mq empties its neighbour" grafting_empties_a_neighbour

direct_queue() {
    sink
    t qdisc add dev sink root handle 1: htb default 10
    t class add dev sink parent 1: classid 1:10 $STILL
    t qdisc add dev sink clsact
    t filter add dev sink egress matchall action skbedit priority 1:0
    send
    t -s qdisc show dev sink | grep 'htb 1:.* direct_packets_stat 20 '
    [ "$(queued class htb 1:10)" -eq 0 ]
}
check "a priority of HTB's own handle passes every class" direct_queue

nine_levels() {
    sink
    t qdisc add dev sink root handle 1: htb
    local parent=1: level
    for level in 1 2 3 4 5 6 7 8; do
        t class add dev sink parent $parent classid 1:$level htb rate 1mbit quantum 1500
        parent=1:$level
    done
    if t class add dev sink parent $parent classid 1:9 htb rate 1mbit quantum 1500; then refute "a ninth level was taken"; fi
}
check "HTB has eight levels" nine_levels

ethernet_header_counts() {
    sink
    t qdisc add dev sink root handle 1: htb default 10
    t class add dev sink parent 1: classid 1:10 htb rate 100mbit quantum 1500
    send
    # 20 × (14 Ethernet, 20 IP, 8 ICMP, 1 000 data)
    t -s class show dev sink | grep 'Sent 20840 bytes 20 pkt'
}
check "HTB counts the Ethernet header" ethernet_header_counts

ingress_excludes_clsact() {
    sink
    t qdisc add dev sink ingress
    if t qdisc add dev sink clsact; then refute "both were taken"; fi
}
check "the ingress qdisc excludes clsact" ingress_excludes_clsact

defaults_have_handle_0() {
    sink
    ip -n left link add other numtxqueues 4 type veth
    ip -n left link set veth0 up
    t qdisc show
    t qdisc show dev sink | grep 'noqueue 0: root'
    t qdisc add dev sink root handle 1: mq
    [ "$(t qdisc show dev sink | grep -c ' 0: parent 1:')" -eq 4 ]
}
check "the kernel's own qdiscs have handle 0" defaults_have_handle_0

# Prints the bit/s of application data that one TCP flow from `left` to `right` got through, a second after it began.
throughput() { # port
    ip netns exec right iperf3 --server --one-off --port "$1" --daemon
    sleep 0.3
    ip netns exec left iperf3 --client 10.0.0.2 --port "$1" --time 4 --omit 1 --json |
        awk '/"sum_received"/ { here = 1 } here && /"bits_per_second"/ { printf "%d\n", $2; exit }'
}

cake_under_htb() {
    two_namespaces
    t qdisc add dev left root handle 1: htb default 10
    t class add dev left parent 1: classid 1:10 htb rate 20mbit burst 16k cburst 16k quantum 1514
    t qdisc add dev left parent 1:10 handle 10: cake unlimited besteffort
    local rate attempt
    # 20 Mbit/s of frames of 1 514 bytes carry 19.1 of data. Again where a busy host kept the guest from sending.
    for attempt in 1 2 3; do
        rate=$(throughput 520$attempt)
        echo "measured: $rate bit/s of data through 20 Mbit/s"
        [ "$rate" -lt 19400000 ] || refute "the class sends more than its rate"
        if [ "$rate" -gt 18800000 ]; then return; fi
    done
    refute "the class sends less than its rate"
}
check "HTB with a CAKE leaf carries its rate" cake_under_htb

guarantees_break_a_ceiling() {
    two_namespaces
    t qdisc add dev left root handle 1: htb default 11
    t class add dev left parent 1: classid 1:1 htb rate 10mbit burst 16k cburst 16k quantum 1514
    for class in 11 12; do
        t class add dev left parent 1:1 classid 1:$class htb rate 8mbit burst 16k cburst 16k quantum 1514
        t qdisc add dev left parent 1:$class fq_codel
    done
    t filter add dev left parent 1: protocol ip flower ip_proto tcp dst_port 5202 classid 1:12
    local first second
    throughput 5201 >/tmp/first &
    second=$(throughput 5202)
    wait $!
    first=$(cat /tmp/first)
    echo "measured: $first + $second bit/s under a ceiling of 10 Mbit/s"
    [ $((first + second)) -gt 14000000 ]
}
check "children's guarantees break their parent's ceiling" guarantees_break_a_ceiling
