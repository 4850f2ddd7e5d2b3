#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-vx6-b type bridge
ip link set dev pl-vx6-b alias 'pleach:vxlan/6/bridge' addrgenmode none
ip link add name pl-gn-p6081 type geneve external dstport 6081
ip link set dev pl-gn-p6081 alias 'pleach:geneve/port-6081/tunnel' addrgenmode none
ip link add name pl-gn5-s type dummy
ip link set dev pl-gn5-s alias 'pleach:geneve/5/switch' addrgenmode none
ip link add name pl-q-rvzy8zyf type ifb
ip link set dev pl-q-rvzy8zyf alias 'pleach:virt/tap1/queue' addrgenmode none
ip link add name pl-q-xx454oik type ifb
ip link set dev pl-q-xx454oik alias 'pleach:virt/tap0/queue' addrgenmode none
ip link add link tap0 name pl-r-hzczkukr type vlan id 4094
ip link set dev pl-r-hzczkukr alias 'pleach:virt/tap0/return' addrgenmode none
ip link add name pl-vx6 type vxlan id 6 dstport 4789 local 172.16.0.1 learning df set dev eth0
ip link set dev pl-vx6 alias 'pleach:vxlan/6/tunnel' addrgenmode none
tc qdisc add dev pl-gn-p6081 clsact
tc qdisc add dev pl-gn5-s clsact
tc qdisc add dev pl-r-hzczkukr clsact
tc qdisc add dev pl-vx6 clsact
tc qdisc add dev tap0 clsact
tc qdisc add dev tap1 clsact
tc qdisc add dev pl-q-rvzy8zyf root handle ace6: htb default 1
tc class replace dev pl-q-rvzy8zyf parent ace6: classid ace6:1 htb rate 100000000bit ceil 100000000bit burst 16000b cburst 16000b quantum 1522 prio 0
tc qdisc add dev pl-q-rvzy8zyf parent ace6:1 handle ace7: pfifo limit 1000
tc qdisc add dev pl-q-xx454oik root handle ace6: htb default 1
tc class replace dev pl-q-xx454oik parent ace6: classid ace6:1 htb rate 500000bit ceil 500000bit burst 32768b cburst 32768b quantum 1522 prio 0
tc qdisc add dev pl-q-xx454oik parent ace6:1 handle ace7: fq_codel limit 10240 flows 1024 quantum 1514 target 36352us interval 540032us memory_limit 33554432 drop_batch 64 ecn ce_threshold 2199023255us
tc qdisc add dev tap0 root handle ace6: htb default 1
tc class replace dev tap0 parent ace6: classid ace6:1 htb rate 10000000bit ceil 10000000bit burst 16000b cburst 16000b quantum 1522 prio 0
tc qdisc add dev tap0 parent ace6:1 handle ace7: cake unlimited diffserv4 triple-isolate nonat nowash egress no-ack-filter split-gso rtt 100000us raw noatm mpu 0 memlimit 0 fwmark 0x0
ip link set dev pl-q-rvzy8zyf up
ip link set dev pl-q-xx454oik up
tc filter add dev tap0 ingress chain 1 pref 65281 handle 0x34526d56 protocol all flower action vlan push id 4094 protocol 802.1Q priority 0 pipe action mirred egress redirect dev pl-q-xx454oik
tc filter add dev tap1 ingress chain 1 pref 65281 handle 0x34526d56 protocol all flower action mirred egress redirect dev pl-q-rvzy8zyf
tc filter add dev pl-gn-p6081 ingress chain 5 pref 1 handle 0x34526d56 protocol all flower action mirred egress mirror dev tap0 pipe action continue
tc filter add dev pl-gn-p6081 ingress chain 5 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 16777221 pref 10 handle 0x5bd3ca45 protocol all flower dst_mac 02:00:00:00:00:0a action mirred egress redirect dev tap0
tc filter add dev pl-gn-p6081 ingress chain 16777221 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-r-hzczkukr ingress chain 1 pref 65282 handle 0x2205cf65 protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 action goto chain 2
tc filter add dev pl-r-hzczkukr ingress chain 1 pref 65283 handle 0x34526d56 protocol all flower action mirred ingress redirect dev pl-gn5-s
tc filter add dev pl-r-hzczkukr ingress chain 2 pref 4096 handle 0x34526d56 protocol all flower action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.2 id 5 pipe action mirred egress mirror dev pl-gn-p6081 pipe action continue
tc filter add dev pl-r-hzczkukr ingress chain 2 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65282 handle 0x2e0c280c protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 enc_key_id 5 enc_src_ip 172.16.0.2 action skbedit mark 0x5/0xffffff pipe action goto chain 5
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65283 handle 0x2e59c04c protocol all flower enc_key_id 5 enc_src_ip 172.16.0.2 action skbedit mark 0x5/0xffffff pipe action goto chain 16777221
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn5-s ingress chain 0 pref 10 handle 0x5bd3ca45 protocol all flower dst_mac 02:00:00:00:00:0a action mirred egress redirect dev tap0
tc filter add dev pl-gn5-s ingress chain 0 pref 10 handle 0x5bd3d55e protocol all flower dst_mac 02:00:00:00:00:0b action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.2 id 5 pipe action mirred egress redirect dev pl-gn-p6081
tc filter add dev pl-gn5-s ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-r-hzczkukr ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
tc filter add dev pl-vx6 ingress chain 0 pref 65285 handle 0x34526d56 protocol all flower action skbedit mark 0x6/0xffffff pipe action continue
tc filter add dev tap0 ingress chain 0 pref 16385 handle 0x726c6e7f protocol ip flower ip_proto icmp action goto chain 1
tc filter add dev tap0 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
tc filter add dev tap1 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
ip link set dev pl-gn-p6081 up
ip link set dev pl-gn5-s up
ip link set dev pl-vx6 master pl-vx6-b
ip link set dev pl-vx6 up
ip link set dev pl-vx6-b up
bridge fdb append 00:00:00:00:00:00 dev pl-vx6 dst 172.16.0.2 self permanent
ip link set dev tap0 up
ip link set dev tap1 master pl-vx6-b
ip link set dev tap1 up
ip link set dev pl-r-hzczkukr up
