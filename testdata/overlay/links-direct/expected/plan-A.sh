#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-d8783737-b type bridge
ip link set dev pl-d8783737-b alias 'pleach:direct/eth1/bridge' addrgenmode none
ip link set dev pl-d8783737-b up
ip link set dev eth1 master pl-d8783737-b
ip link set dev eth1 up
ip link set dev tap0 master pl-d8783737-b
ip link set dev tap0 up
