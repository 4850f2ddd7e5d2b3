#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-vlan1-b type bridge
ip link set dev pl-vlan1-b alias 'pleach:vlan/1/bridge' addrgenmode none
ip link add name pl-vlan2-b type bridge
ip link set dev pl-vlan2-b alias 'pleach:vlan/2/bridge' addrgenmode none
ip link add link eth0 name pl-vlan1 type vlan id 1
ip link set dev pl-vlan1 alias 'pleach:vlan/1/tunnel' addrgenmode none
ip link add link eth0 name pl-vlan2 type vlan id 2
ip link set dev pl-vlan2 alias 'pleach:vlan/2/tunnel' addrgenmode none
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
