#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-vx16777215-b type bridge
ip link set dev pl-vx16777215-b alias 'pleach:vxlan/16777215/bridge' addrgenmode none
ip link add name pl-vx16777215 type vxlan id 16777215 dstport 4790 local 172.16.0.1 learning df set dev eth0
ip link set dev pl-vx16777215 alias 'pleach:vxlan/16777215/tunnel' addrgenmode none
ip link set dev pl-vx16777215 master pl-vx16777215-b
ip link set dev pl-vx16777215 up
ip link set dev pl-vx16777215-b up
bridge fdb append 00:00:00:00:00:00 dev pl-vx16777215 dst 172.16.0.2 self permanent
bridge fdb append 00:00:00:00:00:00 dev pl-vx16777215 dst 172.16.0.3 self permanent
ip link set dev tap0 master pl-vx16777215-b
ip link set dev tap0 up
