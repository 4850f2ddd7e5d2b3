#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-vx1-b type bridge
ip link set dev pl-vx1-b alias 'pleach:vxlan/1/bridge' addrgenmode none
ip link add name pl-vx4-b mtu 1450 type bridge
ip link set dev pl-vx4-b alias 'pleach:vxlan/4/bridge' addrgenmode none
ip link add name pl-gn-p6081 gso_max_segs 1 gso_max_size 512 type geneve external dstport 6081
ip link set dev pl-gn-p6081 alias 'pleach:geneve/port-6081/tunnel' addrgenmode none
ip link add name pl-gn2-s type dummy
ip link set dev pl-gn2-s alias 'pleach:geneve/2/switch' addrgenmode none
ip link add name pl-gn3-s type dummy
ip link set dev pl-gn3-s alias 'pleach:geneve/3/switch' addrgenmode none
ip link add name pl-vx1 type vxlan id 1 dstport 4789 local 172.16.0.1 learning df set dev eth0
ip link set dev pl-vx1 alias 'pleach:vxlan/1/tunnel' addrgenmode none
ip link add name pl-vx4 mtu 1450 gso_max_segs 1 gso_max_size 512 type vxlan id 4 dstport 4789 local 172.16.0.1 learning df set dev eth0
ip link set dev pl-vx4 alias 'pleach:vxlan/4/tunnel' addrgenmode none
tc qdisc add dev pl-gn-p6081 clsact
tc qdisc add dev pl-gn2-s clsact
tc qdisc add dev pl-gn3-s clsact
tc qdisc add dev pl-vx4 clsact
tc filter add dev pl-gn-p6081 ingress chain 2 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 3 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 16777218 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 16777219 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn-p6081 ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn2-s ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-gn3-s ingress chain 0 pref 65284 handle 0x34526d56 protocol all flower action drop
tc filter add dev pl-vx4 ingress chain 0 pref 65285 handle 0x34526d56 protocol all flower action skbedit mark 0x4/0xffffff pipe action continue
ip link set dev pl-gn-p6081 up
ip link set dev pl-gn2-s up
ip link set dev pl-gn3-s up
ip link set dev pl-vx1 master pl-vx1-b
ip link set dev pl-vx1 up
ip link set dev pl-vx1-b up
ip link set dev pl-vx4 master pl-vx4-b
ip link set dev pl-vx4 up
ip link set dev pl-vx4-b up
