#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-gn1-b type bridge
ip link set dev pl-gn1-b alias 'pleach:geneve/1/bridge'
ip link add name pl-gn2-b type bridge
ip link set dev pl-gn2-b alias 'pleach:geneve/2/bridge'
ip link add name pl-00001ojyb6i type geneve id 1 remote 172.16.0.3 dstport 6081 df set
ip link set dev pl-00001ojyb6i alias 'pleach:geneve/1/to/172.16.0.3'
ip link add name pl-00001sgsd71 type geneve id 1 remote 172.16.0.2 dstport 6081 df set
ip link set dev pl-00001sgsd71 alias 'pleach:geneve/1/to/172.16.0.2'
ip link add name pl-000023luwib type geneve id 2 remote 172.16.0.3 dstport 6081 df set
ip link set dev pl-000023luwib alias 'pleach:geneve/2/to/172.16.0.3'
ip link add name pl-00002zp0uhs type geneve id 2 remote 172.16.0.2 dstport 6081 df set
ip link set dev pl-00002zp0uhs alias 'pleach:geneve/2/to/172.16.0.2'
tc qdisc add dev tap3 clsact
tc filter add dev tap3 egress chain 1 pref 65281 handle 0x34526d56 protocol all flower action police rate 100000000bit burst 131072b mtu 131072 conform-exceed drop/pipe action continue
tc filter add dev tap3 egress chain 0 pref 16385 handle 0x4ff75679 protocol ip flower ip_proto icmp src_ip 10.0.0.2 action drop
tc filter add dev tap3 egress chain 0 pref 65280 handle 0x34526d56 protocol all flower action goto chain 1
ip link set dev pl-00001ojyb6i master pl-gn1-b
bridge link set dev pl-00001ojyb6i isolated on
ip link set dev pl-00001ojyb6i up
ip link set dev pl-00001sgsd71 master pl-gn1-b
bridge link set dev pl-00001sgsd71 isolated on
ip link set dev pl-00001sgsd71 up
ip link set dev pl-000023luwib master pl-gn2-b
bridge link set dev pl-000023luwib isolated on
ip link set dev pl-000023luwib up
ip link set dev pl-00002zp0uhs master pl-gn2-b
bridge link set dev pl-00002zp0uhs isolated on
ip link set dev pl-00002zp0uhs up
ip link set dev pl-gn1-b up
ip link set dev pl-gn2-b up
ip link set dev tap1 master pl-gn1-b
ip link set dev tap1 up
ip link set dev tap2 master pl-gn2-b
ip link set dev tap2 up
ip link set dev tap3 master pl-gn1-b
ip link set dev tap3 up
