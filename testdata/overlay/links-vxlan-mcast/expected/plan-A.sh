#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-vx7-b type bridge
ip link set dev pl-vx7-b alias 'pleach:vxlan/7/bridge' addrgenmode none
ip link add name pl-vx7 type vxlan id 7 dstport 4789 local 2001:db8::1 group ff05::42 learning dev eth0
ip link set dev pl-vx7 alias 'pleach:vxlan/7/tunnel' addrgenmode none
ip link set dev pl-vx7 master pl-vx7-b
ip link set dev pl-vx7 up
ip link set dev pl-vx7-b up
