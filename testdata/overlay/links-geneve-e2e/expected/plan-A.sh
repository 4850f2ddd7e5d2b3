#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-gn35-b type bridge
ip link set dev pl-gn35-b alias 'pleach:geneve/35/bridge' addrgenmode none
ip link add name pl-0000z8eujro type geneve id 35 remote 2001:db8::2 dstport 6081
ip link set dev pl-0000z8eujro alias 'pleach:geneve/35/to/2001:db8::2' addrgenmode none
ip link add name pl-0000zcbols7 type geneve id 35 remote 2001:db8::3 dstport 6081
ip link set dev pl-0000zcbols7 alias 'pleach:geneve/35/to/2001:db8::3' addrgenmode none
ip link set dev pl-0000z8eujro master pl-gn35-b
bridge link set dev pl-0000z8eujro isolated on
ip link set dev pl-0000z8eujro up
ip link set dev pl-0000zcbols7 master pl-gn35-b
bridge link set dev pl-0000zcbols7 isolated on
ip link set dev pl-0000zcbols7 up
ip link set dev pl-gn35-b up
ip link set dev tap0 master pl-gn35-b
ip link set dev tap0 up
