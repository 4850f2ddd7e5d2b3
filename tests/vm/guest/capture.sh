# needs: command strace
# needs: file target/vm/unspecified.o
#
# Every case is a command of `tc`, `ip` or `bridge`, run on fresh devices. See testdata/netlink/README.md for what is kept of it.
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
LOADED=yes keep flower loaded "qdisc add dev sink clsact" "filter add dev sink egress pref 65281 handle 0x1234567 protocol all flower action police rate 8kbit burst 4000b mtu 128kb conform-exceed drop/pipe action continue"

bpftool prog load /files/target/vm/unspecified.o /sys/fs/bpf/unspecified type classifier
bpf="filter add dev sink egress protocol all prio 1 handle 1 bpf"
clsact="qdisc add dev sink clsact"
echo '1,6 0 0 4294967295' >/tmp/accept
keep bpf-filter direct-action "$clsact" "$bpf direct-action object-pinned /sys/fs/bpf/unspecified"
keep bpf-filter replace "$clsact" "$bpf direct-action object-pinned /sys/fs/bpf/unspecified" \
    "filter replace dev sink egress protocol all prio 1 handle 1 bpf direct-action object-pinned /sys/fs/bpf/unspecified"
keep bpf-filter classic "$clsact" "$bpf bytecode-file /tmp/accept classid 1:10"

# What an overlay is made of. `peer`, number 101, is what frames are sent to.
overlay_devices() {
    local name
    for name in sink peer made tunnel; do ip link delete $name 2>/dev/null || true; done
    ip link add sink index 100 address 02:00:00:00:01:00 type dummy
    ip link add peer index 101 address 02:00:00:00:01:01 type dummy
    ip address add 172.16.0.1/24 dev sink
    ip address add fd00:99::1/64 dev sink nodad
    ip link set sink up
}

# recorded FOLDER COMMAND...: runs a command and keeps the last message of these kinds (two bytes, in hexadecimal) that it sent.
recorded() { # folder, kinds, command...
    local folder=$1 kinds=$2
    shift 2
    echo "$*" >>"$folder/command.txt"
    strace -o /tmp/request -e trace=sendmsg -e write=all "$@"
    all_messages /tmp/request | grep -E "^.{8}($kinds)" | tail -n 1 >"$folder/request.hex"
}

# All messages of a trace, those about links too.
all_messages() { # trace
    local bytes length
    bytes=$(awk '/^ \| / { print substr($0, 11, 49) }' "$1" | tr -d ' \n')
    while [ -n "$bytes" ]; do
        length=$((16#${bytes:6:2}${bytes:4:2}${bytes:2:2}${bytes:0:2} * 2))
        echo "${bytes:0:16}0000000000000000${bytes:32:length-32}"
        bytes=${bytes:(length + 7) / 8 * 8}
    done
}

# dumped FOLDER KINDS COMMAND...: keeps what the kernel answered.
dumped() {
    local folder=$1 kinds=$2
    shift 2
    strace -o /tmp/dump -e trace=recvmsg -e read=all "$@" >"$folder/dump.txt"
    all_messages /tmp/dump | grep -E "^.{8}($kinds)" >"$folder/dump.hex"
    [ "$(wc -l <"$folder/request.hex")" -eq 1 ] && [ -s "$folder/dump.hex" ] && [ -s "$folder/dump.txt" ]
}

# A link: the commands of `ip link` before the last prepare. The answer is about this device.
record_link() { # case, device, command...
    local folder=$RESULTS/link/$1 device=$2 command
    mkdir -p "$folder"
    overlay_devices
    for command in "${@:3:$#-3}"; do
        # shellcheck disable=SC2086
        ip link $command
        echo "ip link $command" >>"$folder/command.txt"
    done
    # shellcheck disable=SC2086
    recorded "$folder" '1000|1100|1300' ip link ${*: -1}
    dumped "$folder" 1000 ip -d link show dev "$device"
}
keep_link() { check "link $1" record_link "$@"; }

made="add name made type"
keep_link bridge made "add name made mtu 1400 type bridge"
keep_link dummy made "$made dummy"
keep_link ifb made "$made ifb"
keep_link vlan made "add link sink name made type vlan id 42"
keep_link vxlan-e2e made "$made vxlan dev sink id 42 dstport 4789 local 172.16.0.1 learning df set"
keep_link vxlan-e2e-ipv6 made "$made vxlan dev sink id 16777215 dstport 4790 local fd00:99::1 learning"
keep_link vxlan-mcast made "$made vxlan dev sink id 42 dstport 4789 local 172.16.0.1 group 239.1.1.1 learning df set"
keep_link vxlan-mcast-ipv6 made "$made vxlan dev sink id 42 dstport 4789 group ff05::1 learning"
keep_link vxlan-external made "$made vxlan external dstport 4789 nolearning"
keep_link geneve made "$made geneve id 42 remote 172.16.0.2 dstport 6081 df set"
keep_link geneve-ipv6 made "$made geneve id 42 remote fd00:99::2 dstport 6082"
keep_link geneve-external made "$made geneve external dstport 6081"
keep_link alias peer "set dev peer alias pleach:vxlan/42/bridge"
keep_link alias-addrgenmode peer "set dev peer alias pleach:vxlan/42/bridge addrgenmode none"
keep_link mtu peer "set dev peer mtu 1400"
keep_link up peer "set dev peer up"
keep_link down peer "set dev peer up" "set dev peer down"
keep_link master peer "$made bridge" "set dev peer master made"
keep_link nomaster peer "$made bridge" "set dev peer master made" "set dev peer nomaster"
keep_link isolated peer "$made bridge" "set dev peer master made" "set dev peer type bridge_slave isolated on"

record_fdb() { # case, command...
    local folder=$RESULTS/fdb/$1 command
    mkdir -p "$folder"
    overlay_devices
    ip link add name tunnel index 102 type vxlan dev sink id 42 dstport 4789 $2
    for command in "${@:3:$#-3}"; do
        # shellcheck disable=SC2086
        bridge fdb $command
        echo "bridge fdb $command" >>"$folder/command.txt"
    done
    # shellcheck disable=SC2086
    recorded "$folder" '1c00|1d00' bridge fdb ${*: -1}
    dumped "$folder" 1c00 bridge fdb show dev tunnel
}
keep_fdb() { check "fdb $1" record_fdb "$@"; }
flood="append 00:00:00:00:00:00 dev tunnel self permanent dst"
keep_fdb append "local 172.16.0.1" "$flood 172.16.0.2" "$flood 172.16.0.3"
keep_fdb append-ipv6 "local fd00:99::1" "$flood fd00:99::2"
keep_fdb append-group "local 172.16.0.1 group 239.1.1.1" "$flood 172.16.0.2"
keep_fdb delete "local 172.16.0.1" "$flood 172.16.0.2" "$flood 172.16.0.3" \
    "delete 00:00:00:00:00:00 dev tunnel self permanent dst 172.16.0.3"

record_flower() { # case, command...
    local folder=$RESULTS/flower/$1 command
    mkdir -p "$folder"
    overlay_devices
    ip link add name tunnel index 102 type vxlan external dstport 4789 nolearning
    tc qdisc add dev sink clsact
    for command in "${@:2:$#-2}"; do
        # shellcheck disable=SC2086
        tc filter $command
        echo "tc filter $command" >>"$folder/command.txt"
    done
    # shellcheck disable=SC2086
    recorded "$folder" '2c00|2d00' tc filter ${*: -1}
    dumped "$folder" 2c00 tc -s filter show dev sink ingress
}
keep_flower() { check "flower $1" record_flower "$@"; }
flower="add dev sink ingress chain 1 pref 65282 handle 0x1234567 protocol"
set="action tunnel_key set src_ip 172.16.0.1 dst_ip"
mirror="pipe action mirred egress mirror dev tunnel pipe"
copies() { # how many remote hosts
    local number text=
    for ((number = 1; number <= $1; number++)); do text+=" $set 10.0.0.$number id 42 $mirror"; done
    echo "$text"
}
keep_flower all-drop "$flower all flower action drop"
keep_flower all-continue "$flower all flower action continue"
keep_flower all-goto "$flower all flower action goto chain 2"
keep_flower macs "$flower all flower src_mac 02:00:00:00:00:00/ff:ff:ff:00:00:00 dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 action drop"
keep_flower mac-exact "$flower all flower dst_mac 02:00:00:00:00:07 action mirred egress redirect dev peer"
keep_flower ipv4 "$flower ip flower src_ip 192.168.0.0/16 dst_ip 10.0.0.1 action drop"
keep_flower ipv6 "$flower ipv6 flower src_ip 2001:db8::/32 dst_ip fd00::1 action drop"
keep_flower tcp-ports "$flower ip flower ip_proto tcp dst_ip 10.0.0.1 src_port 1024 dst_port 443 action drop"
keep_flower tcp-range "$flower ip flower ip_proto tcp dst_ip 10.0.0.1 src_port 1024-2047 dst_port 80-90 action drop"
keep_flower udp-mixed "$flower ipv6 flower ip_proto udp src_ip fd00::/8 src_port 53 dst_port 5000-5010 action drop"
keep_flower sctp "$flower ip flower ip_proto sctp dst_ip 10.0.0.1 dst_port 7 action drop"
keep_flower icmp "$flower ip flower ip_proto icmp action drop"
keep_flower icmpv6 "$flower ipv6 flower ip_proto icmpv6 src_ip 2001:db8::/32 action drop"
keep_flower tunnel "$flower all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 enc_key_id 42 enc_src_ip 172.16.0.2 action goto chain 42"
keep_flower tunnel-ipv6 "$flower all flower enc_key_id 16777215 enc_src_ip fd00:99::2 action goto chain 33554431"
keep_flower redirect-ingress "$flower all flower action mirred ingress redirect dev peer"
keep_flower mirrors "$flower all flower action mirred egress mirror dev peer pipe action mirred egress mirror dev tunnel pipe action continue"
keep_flower set-tunnel "$flower all flower $set 172.16.0.2 id 42 pipe action mirred egress redirect dev tunnel"
keep_flower set-tunnel-ipv6 "$flower all flower action tunnel_key set src_ip fd00:99::1 dst_ip fd00:99::2 id 16777215 pipe action mirred egress redirect dev tunnel"
keep_flower police "$flower all flower action police rate 100000000bit burst 131072b mtu 128kb conform-exceed drop/pipe action continue"
keep_flower police-peak "$flower all flower action police rate 10000000bit burst 65536b peakrate 20000000bit mtu 128kb conform-exceed drop/pipe action continue"
keep_flower police-fast "$flower all flower action police rate 40000000000bit burst 131072b mtu 128kb conform-exceed drop/pipe action continue"
keep_flower mark "$flower all flower action skbedit mark 0x4200/0xffff00 pipe action goto chain 42"
keep_flower tag "$flower all flower action vlan push id 4094 protocol 802.1Q priority 0 pipe action mirred egress redirect dev peer"
keep_flower remotes-15 "$flower all flower $(copies 15) action continue"
keep_flower remotes-16 "$flower all flower $(copies 16) action continue"
keep_flower replace "$flower all flower action drop" "${flower/add/replace} all flower action continue"
keep_flower delete "$flower all flower action drop" "${flower/1234567/7654321} all flower dst_mac 02:00:00:00:00:07 action drop" \
    "delete dev sink ingress chain 1 pref 65282 handle 0x1234567 flower"
