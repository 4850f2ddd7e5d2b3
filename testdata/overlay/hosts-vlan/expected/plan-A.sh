#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-vlan1-b type bridge
ip link set dev pl-vlan1-b alias 'pleach:vlan/1/bridge'
ip link add name pl-vlan2-b type bridge
ip link set dev pl-vlan2-b alias 'pleach:vlan/2/bridge'
ip link add link eth0 name pl-vlan1 type vlan id 1
ip link set dev pl-vlan1 alias 'pleach:vlan/1/tunnel'
ip link add link eth0 name pl-vlan2 type vlan id 2
ip link set dev pl-vlan2 alias 'pleach:vlan/2/tunnel'
tc qdisc add dev tap3 clsact
tc filter add dev tap3 egress chain 1 pref 65281 handle 0x34526d56 protocol all flower action police rate 100000000bit burst 131072b mtu 131072 conform-exceed drop/pipe action continue
tc filter add dev tap3 egress chain 0 pref 16385 handle 0x4ff75679 protocol ip flower ip_proto icmp src_ip 10.0.0.2 action drop
tc filter add dev tap3 egress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
ip link set dev pl-vlan1 master pl-vlan1-b
ip link set dev pl-vlan1 up
ip link set dev pl-vlan1-b up
ip link set dev pl-vlan2 master pl-vlan2-b
ip link set dev pl-vlan2 up
ip link set dev pl-vlan2-b up
ip link set dev tap1 master pl-vlan1-b
ip link set dev tap1 up
ip link set dev tap2 master pl-vlan2-b
ip link set dev tap2 up
ip link set dev tap3 master pl-vlan1-b
ip link set dev tap3 up
