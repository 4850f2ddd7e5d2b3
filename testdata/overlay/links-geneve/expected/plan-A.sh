#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-gn-p6081 type geneve external dstport 6081
ip link set dev pl-gn-p6081 alias 'pleach:geneve/port-6081/tunnel'
ip link add name pl-gn5-s type dummy
ip link set dev pl-gn5-s alias 'pleach:geneve/5/switch'
tc qdisc add dev pl-gn-p6081 clsact
tc qdisc add dev pl-gn5-s clsact
tc qdisc add dev tap0 clsact
tc qdisc add dev tap1 clsact
tc filter add dev tap0 egress chain 1 pref 65281 handle 0x34526d56 protocol all flower action police rate 10000000bit burst 65536b peakrate 20000000bit mtu 131072 conform-exceed drop/pipe action continue
tc filter add dev tap0 egress chain 0 pref 16386 handle 0x1821510 protocol ip flower ip_proto tcp src_ip 10.0.0.0/24 dst_port 80-90 action goto chain 1
tc filter add dev tap0 egress chain 0 pref 16386 handle 0x51917662 protocol ip flower ip_proto udp src_ip 10.0.1.0/24 dst_port 1-9 action drop
tc filter add dev tap0 egress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
tc filter add dev tap0 ingress chain 1 pref 65281 handle 0x34526d56 protocol all flower action police rate 5000000bit burst 32768b mtu 131072 conform-exceed drop/pipe action continue
tc filter add dev tap0 ingress chain 1 pref 65282 handle 0x2205cf65 protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 action goto chain 2
tc filter add dev tap0 ingress chain 1 pref 65283 handle 0x34526d56 protocol all flower action mirred ingress redirect dev pl-gn5-s
tc filter add dev tap0 ingress chain 2 pref 1 handle 0x34526d56 protocol all flower action mirred egress mirror dev tap1 pipe action continue
tc filter add dev tap0 ingress chain 2 pref 4096 handle 0x34526d56 protocol all flower action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.2 id 5 pipe action mirred egress mirror dev pl-gn-p6081 pipe action continue
tc filter add dev tap0 ingress chain 2 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev tap1 ingress chain 1 pref 65282 handle 0x2205cf65 protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 action goto chain 2
tc filter add dev tap1 ingress chain 1 pref 65283 handle 0x34526d56 protocol all flower action mirred ingress redirect dev pl-gn5-s
tc filter add dev tap1 ingress chain 2 pref 1 handle 0x34526d56 protocol all flower action mirred egress mirror dev tap0 pipe action continue
tc filter add dev tap1 ingress chain 2 pref 4096 handle 0x34526d56 protocol all flower action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.2 id 5 pipe action mirred egress mirror dev pl-gn-p6081 pipe action continue
tc filter add dev tap1 ingress chain 2 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 5 pref 1 handle 0x34526d56 protocol all flower action mirred egress mirror dev tap0 pipe action mirred egress mirror dev tap1 pipe action continue
tc filter add dev pl-gn-p6081 ingress chain 5 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 16777221 pref 10 handle 0x5bc84902 protocol all flower dst_mac 02:00:00:00:00:1a action mirred egress redirect dev tap1
tc filter add dev pl-gn-p6081 ingress chain 16777221 pref 10 handle 0x5bd3ca45 protocol all flower dst_mac 02:00:00:00:00:0a action mirred egress redirect dev tap0
tc filter add dev pl-gn-p6081 ingress chain 16777221 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65282 handle 0x2e0c280c protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 enc_key_id 5 enc_src_ip 172.16.0.2 action goto chain 5
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65283 handle 0x2e59c04c protocol all flower enc_key_id 5 enc_src_ip 172.16.0.2 action goto chain 16777221
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn5-s ingress chain 0 pref 10 handle 0x5bc84902 protocol all flower dst_mac 02:00:00:00:00:1a action mirred egress redirect dev tap1
tc filter add dev pl-gn5-s ingress chain 0 pref 10 handle 0x5bd3ca45 protocol all flower dst_mac 02:00:00:00:00:0a action mirred egress redirect dev tap0
tc filter add dev pl-gn5-s ingress chain 0 pref 10 handle 0x5bd3d55e protocol all flower dst_mac 02:00:00:00:00:0b action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.2 id 5 pipe action mirred egress redirect dev pl-gn-p6081
tc filter add dev pl-gn5-s ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev tap0 ingress chain 0 pref 16384 handle 0x79fc06df protocol all flower dst_mac 01:00:5e:00:00:00/ff:ff:ff:00:00:00 action drop
tc filter add dev tap0 ingress chain 0 pref 49151 handle 0x3cd8eb59 protocol ipv6 flower ip_proto icmpv6 action drop
tc filter add dev tap0 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
tc filter add dev tap1 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
ip link set dev pl-gn-p6081 up
ip link set dev pl-gn5-s up
ip link set dev tap0 up
ip link set dev tap1 up
