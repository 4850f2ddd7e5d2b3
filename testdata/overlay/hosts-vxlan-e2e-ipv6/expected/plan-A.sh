#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-vx1-b type bridge
ip link set dev pl-vx1-b alias 'pleach:vxlan/1/bridge'
ip link add name pl-vx2-b type bridge
ip link set dev pl-vx2-b alias 'pleach:vxlan/2/bridge'
ip link add name pl-vx1 type vxlan id 1 dstport 4789 local fd00:99::1 learning dev eth0
ip link set dev pl-vx1 alias 'pleach:vxlan/1/tunnel'
ip link add name pl-vx2 type vxlan id 2 dstport 4789 local fd00:99::1 learning dev eth0
ip link set dev pl-vx2 alias 'pleach:vxlan/2/tunnel'
tc qdisc add dev tap3 clsact
tc filter add dev tap3 egress chain 1 pref 65281 handle 0x34526d56 protocol all flower action police rate 100000000bit burst 131072b mtu 131072 conform-exceed drop/pipe action continue
tc filter add dev tap3 egress chain 0 pref 16385 handle 0x4ff75679 protocol ip flower ip_proto icmp src_ip 10.0.0.2 action drop
tc filter add dev tap3 egress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
ip link set dev pl-vx1 master pl-vx1-b
ip link set dev pl-vx1 up
ip link set dev pl-vx1-b up
ip link set dev pl-vx2 master pl-vx2-b
ip link set dev pl-vx2 up
ip link set dev pl-vx2-b up
bridge fdb append 00:00:00:00:00:00 dev pl-vx1 dst fd00:99::2 self permanent
bridge fdb append 00:00:00:00:00:00 dev pl-vx1 dst fd00:99::3 self permanent
bridge fdb append 00:00:00:00:00:00 dev pl-vx2 dst fd00:99::2 self permanent
bridge fdb append 00:00:00:00:00:00 dev pl-vx2 dst fd00:99::3 self permanent
ip link set dev tap1 master pl-vx1-b
ip link set dev tap1 up
ip link set dev tap2 master pl-vx2-b
ip link set dev tap2 up
ip link set dev tap3 master pl-vx1-b
ip link set dev tap3 up
