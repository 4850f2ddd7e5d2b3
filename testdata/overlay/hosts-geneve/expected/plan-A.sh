#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-gn-p6081 type geneve external dstport 6081
ip link set dev pl-gn-p6081 alias 'pleach:geneve/port-6081/tunnel'
ip link add name pl-gn1-s type dummy
ip link set dev pl-gn1-s alias 'pleach:geneve/1/switch'
ip link add name pl-gn2-s type dummy
ip link set dev pl-gn2-s alias 'pleach:geneve/2/switch'
tc qdisc add dev pl-gn-p6081 clsact
tc qdisc add dev pl-gn1-s clsact
tc qdisc add dev pl-gn2-s clsact
tc qdisc add dev tap1 clsact
tc qdisc add dev tap2 clsact
tc qdisc add dev tap3 clsact
tc filter add dev tap3 egress chain 1 pref 65281 handle 0x34526d56 protocol all flower action police rate 100000000bit burst 131072b mtu 131072 conform-exceed drop/pipe action continue
tc filter add dev tap3 egress chain 0 pref 16385 handle 0x4ff75679 protocol ip flower ip_proto icmp src_ip 10.0.0.2 action drop
tc filter add dev tap3 egress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
tc filter add dev tap1 ingress chain 1 pref 65282 handle 0x2205cf65 protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 action goto chain 2
tc filter add dev tap1 ingress chain 1 pref 65283 handle 0x34526d56 protocol all flower action mirred ingress redirect dev pl-gn1-s
tc filter add dev tap1 ingress chain 2 pref 1 handle 0x34526d56 protocol all flower action mirred egress mirror dev tap3 pipe action continue
tc filter add dev tap1 ingress chain 2 pref 4096 handle 0x34526d56 protocol all flower action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.2 id 1 pipe action mirred egress mirror dev pl-gn-p6081 pipe action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.3 id 1 pipe action mirred egress mirror dev pl-gn-p6081 pipe action continue
tc filter add dev tap1 ingress chain 2 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev tap2 ingress chain 1 pref 65282 handle 0x2205cf65 protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 action goto chain 2
tc filter add dev tap2 ingress chain 1 pref 65283 handle 0x34526d56 protocol all flower action mirred ingress redirect dev pl-gn2-s
tc filter add dev tap2 ingress chain 2 pref 4096 handle 0x34526d56 protocol all flower action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.2 id 2 pipe action mirred egress mirror dev pl-gn-p6081 pipe action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.3 id 2 pipe action mirred egress mirror dev pl-gn-p6081 pipe action continue
tc filter add dev tap2 ingress chain 2 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev tap3 ingress chain 1 pref 65282 handle 0x2205cf65 protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 action goto chain 2
tc filter add dev tap3 ingress chain 1 pref 65283 handle 0x34526d56 protocol all flower action mirred ingress redirect dev pl-gn1-s
tc filter add dev tap3 ingress chain 2 pref 1 handle 0x34526d56 protocol all flower action mirred egress mirror dev tap1 pipe action continue
tc filter add dev tap3 ingress chain 2 pref 4096 handle 0x34526d56 protocol all flower action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.2 id 1 pipe action mirred egress mirror dev pl-gn-p6081 pipe action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.3 id 1 pipe action mirred egress mirror dev pl-gn-p6081 pipe action continue
tc filter add dev tap3 ingress chain 2 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 1 pref 1 handle 0x34526d56 protocol all flower action mirred egress mirror dev tap1 pipe action mirred egress mirror dev tap3 pipe action continue
tc filter add dev pl-gn-p6081 ingress chain 1 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 2 pref 1 handle 0x34526d56 protocol all flower action mirred egress mirror dev tap2 pipe action continue
tc filter add dev pl-gn-p6081 ingress chain 2 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 16777217 pref 10 handle 0x5bd318b5 protocol all flower dst_mac 02:00:00:00:00:01 action mirred egress redirect dev tap1
tc filter add dev pl-gn-p6081 ingress chain 16777217 pref 10 handle 0x5bd32b34 protocol all flower dst_mac 02:00:00:00:00:04 action mirred egress redirect dev tap3
tc filter add dev pl-gn-p6081 ingress chain 16777217 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 16777218 pref 10 handle 0x5bd318b5 protocol all flower dst_mac 02:00:00:00:00:01 action mirred egress redirect dev tap2
tc filter add dev pl-gn-p6081 ingress chain 16777218 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65282 handle 0x4d8c1a67 protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 enc_key_id 2 enc_src_ip 172.16.0.2 action goto chain 2
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65282 handle 0x4d8c1e1a protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 enc_key_id 2 enc_src_ip 172.16.0.3 action goto chain 2
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65282 handle 0x6a047aeb protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 enc_key_id 1 enc_src_ip 172.16.0.3 action goto chain 1
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65282 handle 0x6a047e9e protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 enc_key_id 1 enc_src_ip 172.16.0.2 action goto chain 1
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65283 handle 0x3f9d0d0a protocol all flower enc_key_id 1 enc_src_ip 172.16.0.3 action goto chain 16777217
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65283 handle 0x3f9d10bd protocol all flower enc_key_id 1 enc_src_ip 172.16.0.2 action goto chain 16777217
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65283 handle 0x601d7a2d protocol all flower enc_key_id 2 enc_src_ip 172.16.0.2 action goto chain 16777218
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65283 handle 0x601d7de0 protocol all flower enc_key_id 2 enc_src_ip 172.16.0.3 action goto chain 16777218
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn1-s ingress chain 0 pref 10 handle 0x5bd318b5 protocol all flower dst_mac 02:00:00:00:00:01 action mirred egress redirect dev tap1
tc filter add dev pl-gn1-s ingress chain 0 pref 10 handle 0x5bd3201b protocol all flower dst_mac 02:00:00:00:00:03 action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.3 id 1 pipe action mirred egress redirect dev pl-gn-p6081
tc filter add dev pl-gn1-s ingress chain 0 pref 10 handle 0x5bd323ce protocol all flower dst_mac 02:00:00:00:00:02 action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.2 id 1 pipe action mirred egress redirect dev pl-gn-p6081
tc filter add dev pl-gn1-s ingress chain 0 pref 10 handle 0x5bd32b34 protocol all flower dst_mac 02:00:00:00:00:04 action mirred egress redirect dev tap3
tc filter add dev pl-gn1-s ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn2-s ingress chain 0 pref 10 handle 0x5bd318b5 protocol all flower dst_mac 02:00:00:00:00:01 action mirred egress redirect dev tap2
tc filter add dev pl-gn2-s ingress chain 0 pref 10 handle 0x5bd3201b protocol all flower dst_mac 02:00:00:00:00:03 action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.3 id 2 pipe action mirred egress redirect dev pl-gn-p6081
tc filter add dev pl-gn2-s ingress chain 0 pref 10 handle 0x5bd323ce protocol all flower dst_mac 02:00:00:00:00:02 action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.2 id 2 pipe action mirred egress redirect dev pl-gn-p6081
tc filter add dev pl-gn2-s ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev tap1 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
tc filter add dev tap2 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
tc filter add dev tap3 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
ip link set dev pl-gn-p6081 up
ip link set dev pl-gn1-s up
ip link set dev pl-gn2-s up
ip link set dev tap1 up
ip link set dev tap2 up
ip link set dev tap3 up
