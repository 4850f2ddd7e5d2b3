#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-vx-p4789 type vxlan external dstport 4789 nolearning
ip link set dev pl-vx-p4789 alias 'pleach:vxlan/port-4789/tunnel' addrgenmode none
ip link add name pl-vx1-s type dummy
ip link set dev pl-vx1-s alias 'pleach:vxlan/1/switch' addrgenmode none
tc qdisc add dev pl-vx-p4789 clsact
tc qdisc add dev pl-vx1-s clsact
tc qdisc add dev tap0 clsact
tc filter add dev tap0 ingress chain 1 pref 65282 handle 0x2205cf65 protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 action goto chain 2
tc filter add dev tap0 ingress chain 1 pref 65283 handle 0x34526d56 protocol all flower action mirred ingress redirect dev pl-vx1-s
tc filter add dev tap0 ingress chain 2 pref 4096 handle 0x34526d56 protocol all flower action tunnel_key set src_ip 172.16.0.1 dst_ip 172.16.0.2 id 1 pipe action mirred egress mirror dev pl-vx-p4789 pipe action continue
tc filter add dev tap0 ingress chain 2 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-vx-p4789 ingress chain 1 pref 1 handle 0x34526d56 protocol all flower action mirred egress mirror dev tap0 pipe action continue
tc filter add dev pl-vx-p4789 ingress chain 1 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-vx-p4789 ingress chain 16777217 pref 10 handle 0x5bd318b5 protocol all flower dst_mac 02:00:00:00:00:01 action mirred egress redirect dev tap0
tc filter add dev pl-vx-p4789 ingress chain 16777217 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-vx-p4789 ingress chain 0 pref 65282 handle 0x6a047e9e protocol all flower dst_mac 01:00:00:00:00:00/01:00:00:00:00:00 enc_key_id 1 enc_src_ip 172.16.0.2 action goto chain 1
tc filter add dev pl-vx-p4789 ingress chain 0 pref 65283 handle 0x3f9d10bd protocol all flower enc_key_id 1 enc_src_ip 172.16.0.2 action goto chain 16777217
tc filter add dev pl-vx-p4789 ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-vx1-s ingress chain 0 pref 10 handle 0x5bd318b5 protocol all flower dst_mac 02:00:00:00:00:01 action mirred egress redirect dev tap0
tc filter add dev pl-vx1-s ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev tap0 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
ip link set dev pl-vx-p4789 up
ip link set dev pl-vx1-s up
ip link set dev tap0 up
