#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-gn1-b type bridge
ip link set dev pl-gn1-b alias 'pleach:geneve/1/bridge'
ip link add name pl-gn2-b type bridge
ip link set dev pl-gn2-b alias 'pleach:geneve/2/bridge'
ip link add name pl-00001usxmrg type geneve id 1 remote fd00:99::2 dstport 6081
ip link set dev pl-00001usxmrg alias 'pleach:geneve/1/to/fd00:99::2'
ip link add name pl-00001yprorz type geneve id 1 remote fd00:99::3 dstport 6081
ip link set dev pl-00001yprorz alias 'pleach:geneve/1/to/fd00:99::3'
ip link add name pl-0000213biz2 type geneve id 2 remote fd00:99::3 dstport 6081
ip link set dev pl-0000213biz2 alias 'pleach:geneve/2/to/fd00:99::3'
ip link add name pl-00002505kzl type geneve id 2 remote fd00:99::2 dstport 6081
ip link set dev pl-00002505kzl alias 'pleach:geneve/2/to/fd00:99::2'
tc qdisc add dev tap3 clsact
tc filter add dev tap3 egress chain 1 pref 65281 handle 0x34526d56 protocol all flower action police rate 100000000bit burst 131072b mtu 131072 conform-exceed drop/pipe action continue
tc filter add dev tap3 egress chain 0 pref 16385 handle 0x4ff75679 protocol ip flower ip_proto icmp src_ip 10.0.0.2 action drop
tc filter add dev tap3 egress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
ip link set dev pl-00001usxmrg master pl-gn1-b
bridge link set dev pl-00001usxmrg isolated on
ip link set dev pl-00001usxmrg up
ip link set dev pl-00001yprorz master pl-gn1-b
bridge link set dev pl-00001yprorz isolated on
ip link set dev pl-00001yprorz up
ip link set dev pl-0000213biz2 master pl-gn2-b
bridge link set dev pl-0000213biz2 isolated on
ip link set dev pl-0000213biz2 up
ip link set dev pl-00002505kzl master pl-gn2-b
bridge link set dev pl-00002505kzl isolated on
ip link set dev pl-00002505kzl up
ip link set dev pl-gn1-b up
ip link set dev pl-gn2-b up
ip link set dev tap1 master pl-gn1-b
ip link set dev tap1 up
ip link set dev tap2 master pl-gn2-b
ip link set dev tap2 up
ip link set dev tap3 master pl-gn1-b
ip link set dev tap3 up
