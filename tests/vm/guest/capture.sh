# needs: command strace
# needs: file target/vm/unspecified.o
#
# Every case is a command of `tc`, run on a fresh device. See testdata/netlink/README.md for what is kept of it.
. /suites/suite.sh

# Prints the bytes that strace saw, in hexadecimal, a line per message. Sequence numbers and port ids, which differ from
# run to run, are zero. Messages about links, and the end of their list, are left out: `tc` asks for the device first.
messages() { # trace
    local bytes length message of_links=
    bytes=$(awk '/^ \| / { print substr($0, 11, 49) }' "$1" | tr -d ' \n')
    while [ -n "$bytes" ]; do
        length=$((16#${bytes:6:2}${bytes:4:2}${bytes:2:2}${bytes:0:2} * 2))
        message=${bytes:0:16}0000000000000000${bytes:32:length-32}
        bytes=${bytes:(length + 7) / 8 * 8}
        case ${message:8:4}$of_links in
            1000* | 1200*) of_links=yes ;; # RTM_NEWLINK, RTM_GETLINK
            0300yes) of_links= ;;          # NLMSG_DONE
            *) echo "$message" ;;
        esac
    done
}

# Twenty packets into the device, some of which stay in its queues.
traffic() { ping -q -c 20 -i 0.01 -s 1000 -S 200000 -W 0.1 10.0.0.2 >/dev/null || [ $? -eq 1 ]; }

# record OBJECT CASE COMMAND...: the commands before the last prepare, the last is the one that is kept.
# The dump is of the kind that the last command is about. With LOADED set, traffic comes before it.
record() {
    local folder=$RESULTS/$1/$2 prepare command
    mkdir -p "$folder"
    ip link delete sink 2>/dev/null || true
    ip link add sink index 100 numtxqueues 4 type dummy
    ip address add 10.0.0.1/24 dev sink
    ip link set sink up
    ip neighbour add 10.0.0.2 lladdr 02:00:00:00:00:02 dev sink
    command=${*: -1}
    for prepare in "${@:3:$#-3}"; do
        # shellcheck disable=SC2086
        tc $prepare
        echo "tc $prepare" >>"$folder/command.txt"
    done
    echo "tc $command" >>"$folder/command.txt"
    # shellcheck disable=SC2086
    strace -o /tmp/request -e trace=sendmsg -e write=all tc $command
    messages /tmp/request >"$folder/request.hex"
    [ -z "${LOADED-}" ] || traffic
    local show="tc -s ${command%% *} show dev sink"
    [[ $command != filter* ]] || show+=" egress"
    # shellcheck disable=SC2086
    strace -o /tmp/dump -e trace=recvmsg -e read=all $show >"$folder/dump.txt"
    messages /tmp/dump >"$folder/dump.hex"
    [ "$(wc -l <"$folder/request.hex")" -eq 1 ] && [ "$(wc -l <"$folder/dump.hex")" -ge 2 ] && [ -s "$folder/dump.txt" ]
}

keep() { check "$1 $2" record "$@"; }

add="qdisc add dev sink root handle 1:"
htb="$add htb default 3"

keep htb default-0 "$add htb default 0"
keep htb default-3 "$htb"
keep htb options "$add htb default 0x1f r2q 20 direct_qlen 500"
keep htb under-mq "$add mq" "qdisc add dev sink parent 1:2 handle 7fff: htb default ffff"
keep htb replace "qdisc replace dev sink root handle 1: htb default 3"
keep htb delete "$htb" "qdisc del dev sink root"
LOADED=yes keep htb loaded "qdisc add dev sink root handle 1: htb"

class="class add dev sink parent 1: classid 1:10 htb"
for rate in 8bit 100kbit 1.2mbit 10mbit 1.25gbit 5gbit 40gbit; do
    keep htb-class "rate-$rate" "$htb" "$class rate $rate quantum 1514"
done
keep htb-class ceil "$htb" "$class rate 10mbit ceil 5gbit burst 16k cburst 625000b quantum 3028 prio 7"
keep htb-class quantum-and-prio "$htb" "$class rate 10mbit quantum 60000 prio 3"
keep htb-class bursts "$htb" "$class rate 10mbit ceil 20mbit burst 15k cburst 16k quantum 1514"
keep htb-class overhead-and-mpu "$htb" "$class rate 10mbit ceil 20mbit overhead 24 mpu 84 quantum 1514"
keep htb-class atm "$htb" "$class rate 10mbit linklayer atm overhead 10 quantum 1514"
keep htb-class change "$htb" "$class rate 10mbit quantum 1514" \
    "class change dev sink parent 1: classid 1:10 htb rate 11mbit ceil 12mbit quantum 1514"
keep htb-class replace "$htb" "class replace dev sink parent 1: classid 1:ffff htb rate 10mbit quantum 1514"
keep htb-class under-a-class "$htb" "$class rate 10mbit quantum 1514" \
    "class add dev sink parent 1:10 classid 1:20 htb rate 5mbit ceil 10mbit quantum 1514"
keep htb-class with-a-leaf "$htb" "$class rate 10mbit quantum 1514" "qdisc add dev sink parent 1:10 handle 10: pfifo" \
    "class change dev sink parent 1: classid 1:10 htb rate 10mbit quantum 1514"
keep htb-class delete "$htb" "$class rate 10mbit quantum 1514" \
    "class add dev sink parent 1: classid 1:11 htb rate 10mbit quantum 1514" "class del dev sink classid 1:10"
LOADED=yes keep htb-class loaded "$add htb default 10" "$class rate 1kbit burst 3000b cburst 3000b quantum 1514"

keep cake default "$add cake"
keep cake bandwidth "$add cake bandwidth 20mbit"
keep cake unlimited "$add cake unlimited besteffort"
keep cake diffserv3 "$add cake bandwidth 100mbit diffserv3 dual-srchost nonat nowash egress no-ack-filter split-gso noatm overhead 44 mpu 84 rtt 100ms memlimit 32mb"
keep cake diffserv4 "$add cake bandwidth 5gbit diffserv4 dual-dsthost nat wash ingress ack-filter no-split-gso rtt 50ms"
keep cake diffserv8 "$add cake bandwidth 1.5mbit diffserv8 triple-isolate ack-filter-aggressive ptm overhead -4 fwmark 0xff"
keep cake precedence "$add cake bandwidth 8mbit precedence hosts atm overhead 48 rtt 1s"
keep cake autorate "$add cake autorate-ingress bandwidth 50mbit besteffort flows rtt 10us"
keep cake srchost "$add cake besteffort srchost raw metro"
keep cake dsthost "$add cake besteffort dsthost docsis regional"
keep cake flowblind "$add cake bandwidth 1mbit besteffort flowblind conservative satellite"
keep cake leaf "$htb" "$class rate 20mbit quantum 1514" "qdisc add dev sink parent 1:10 handle 8010: cake unlimited diffserv4 nat"
keep cake change "$add cake bandwidth 20mbit" "qdisc change dev sink root handle 1: cake bandwidth 30mbit rtt 20ms"
LOADED=yes keep cake loaded "$add cake bandwidth 8kbit diffserv4"

keep fq_codel default "$add fq_codel"
keep fq_codel options "$add fq_codel limit 1000 flows 256 target 10ms interval 200ms quantum 300 memory_limit 4mb ce_threshold 5ms noecn drop_batch 32"
keep fq_codel ce_threshold_selector "$add fq_codel ce_threshold 1ms ce_threshold_selector 0x1/0x3 ecn"
keep fq_codel change "$add fq_codel" "qdisc change dev sink root handle 1: fq_codel limit 2000 target 20ms"
LOADED=yes keep fq_codel loaded "$htb" "class add dev sink parent 1: classid 1:3 htb rate 1kbit burst 3000b cburst 3000b quantum 1514" \
    "qdisc add dev sink parent 1:3 handle 30: fq_codel"

keep sfq default "$add sfq"
keep sfq options "$add sfq limit 500 perturb 10 quantum 3028 divisor 2048 flows 64 depth 100 headdrop"
keep pfifo default "$add pfifo"
keep pfifo limit "$add pfifo limit 200"
keep bfifo limit "$add bfifo limit 51200"
keep mq root "$add mq"
keep clsact add "qdisc add dev sink clsact"

bpftool prog load /files/target/vm/unspecified.o /sys/fs/bpf/unspecified type classifier
bpf="filter add dev sink egress protocol all prio 1 handle 1 bpf"
clsact="qdisc add dev sink clsact"
echo '1,6 0 0 4294967295' >/tmp/accept
keep bpf-filter direct-action "$clsact" "$bpf direct-action object-pinned /sys/fs/bpf/unspecified"
keep bpf-filter replace "$clsact" "$bpf direct-action object-pinned /sys/fs/bpf/unspecified" \
    "filter replace dev sink egress protocol all prio 1 handle 1 bpf direct-action object-pinned /sys/fs/bpf/unspecified"
keep bpf-filter classic "$clsact" "$bpf bytecode-file /tmp/accept classid 1:10"
