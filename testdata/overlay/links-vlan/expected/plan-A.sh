#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-vlan42-b mtu 1400 type bridge
ip link set dev pl-vlan42-b alias 'pleach:vlan/42/bridge' addrgenmode none
ip link add link eth0 name pl-vlan42 mtu 1400 type vlan id 42
ip link set dev pl-vlan42 alias 'pleach:vlan/42/tunnel' addrgenmode none
ip link set dev pl-vlan42 master pl-vlan42-b
ip link set dev pl-vlan42 up
ip link set dev pl-vlan42-b up
ip link set dev 'tap$0' master pl-vlan42-b
ip link set dev 'tap$0' up
