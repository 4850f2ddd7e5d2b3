#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-vlan1-b type bridge
ip link set dev pl-vlan1-b alias 'pleach:vlan/1/bridge'
ip link add link eth0 name pl-vlan1 type vlan id 1
ip link set dev pl-vlan1 alias 'pleach:vlan/1/tunnel'
tc qdisc add dev 1 clsact
tc qdisc add dev 2 clsact
tc qdisc add dev 3 clsact
tc qdisc add dev 4 clsact
tc filter add dev 1 egress chain 0 pref 16387 handle 0x69224a2d protocol ip flower src_ip 192.168.0.2 action drop
tc filter add dev 1 egress chain 0 pref 16388 handle 0x6922467a protocol ip flower src_ip 192.168.0.3 action drop
tc filter add dev 2 egress chain 0 pref 16386 handle 0x6922467a protocol ip flower src_ip 192.168.0.3 action drop
tc filter add dev 2 egress chain 0 pref 16387 handle 0x692242c7 protocol ip flower src_ip 192.168.0.4 action drop
tc filter add dev 3 egress chain 0 pref 16387 handle 0x69224de0 protocol ip flower src_ip 192.168.0.1 action drop
tc filter add dev 3 egress chain 0 pref 16388 handle 0x692242c7 protocol ip flower src_ip 192.168.0.4 action drop
tc filter add dev 4 egress chain 0 pref 16385 handle 0x69224de0 protocol ip flower src_ip 192.168.0.1 action drop
tc filter add dev 1 ingress chain 1 pref 65281 handle 0x34526d56 protocol all flower action police rate 327680bit burst 40960b peakrate 327680bit mtu 131072 conform-exceed drop/pipe action continue
tc filter add dev 2 ingress chain 1 pref 65281 handle 0x34526d56 protocol all flower action police rate 163840bit burst 20480b peakrate 163840bit mtu 131072 conform-exceed drop/pipe action continue
tc filter add dev 3 ingress chain 1 pref 65281 handle 0x34526d56 protocol all flower action police rate 81920bit burst 10240b peakrate 81920bit mtu 131072 conform-exceed drop/pipe action continue
tc filter add dev 4 ingress chain 1 pref 65281 handle 0x34526d56 protocol all flower action police rate 163840bit burst 20480b peakrate 163840bit mtu 131072 conform-exceed drop/pipe action continue
tc filter add dev 1 ingress chain 0 pref 16385 handle 0x1e11bf91 protocol ip flower dst_ip 192.168.0.3 action drop
tc filter add dev 1 ingress chain 0 pref 16386 handle 0x1e11d210 protocol ip flower dst_ip 192.168.0.4 action drop
tc filter add dev 1 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
tc filter add dev 2 ingress chain 0 pref 16385 handle 0x1e11c6f7 protocol ip flower dst_ip 192.168.0.1 action drop
tc filter add dev 2 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
tc filter add dev 3 ingress chain 0 pref 16385 handle 0x1e11c6f7 protocol ip flower dst_ip 192.168.0.1 action drop
tc filter add dev 3 ingress chain 0 pref 16386 handle 0x1e11bbde protocol ip flower dst_ip 192.168.0.2 action drop
tc filter add dev 3 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
tc filter add dev 4 ingress chain 0 pref 16385 handle 0x1e11bbde protocol ip flower dst_ip 192.168.0.2 action drop
tc filter add dev 4 ingress chain 0 pref 16386 handle 0x1e11bf91 protocol ip flower dst_ip 192.168.0.3 action drop
tc filter add dev 4 ingress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
ip link set dev pl-vlan1 master pl-vlan1-b
ip link set dev pl-vlan1 up
ip link set dev pl-vlan1-b up
ip link set dev 1 master pl-vlan1-b
ip link set dev 1 up
ip link set dev 2 master pl-vlan1-b
ip link set dev 2 up
ip link set dev 3 master pl-vlan1-b
ip link set dev 3 up
ip link set dev 4 master pl-vlan1-b
ip link set dev 4 up
