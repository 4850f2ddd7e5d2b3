#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-gn1-b type bridge
ip link set dev pl-gn1-b alias 'pleach:geneve/1/bridge' addrgenmode none
ip link add name pl-gn2-b type bridge
ip link set dev pl-gn2-b alias 'pleach:geneve/2/bridge' addrgenmode none
ip link add name pl-00001gqa75g type geneve id 1 remote 172.16.0.1 dstport 6081 df set
ip link set dev pl-00001gqa75g alias 'pleach:geneve/1/to/172.16.0.1' addrgenmode none
ip link add name pl-00001sgsd71 type geneve id 1 remote 172.16.0.2 dstport 6081 df set
ip link set dev pl-00001sgsd71 alias 'pleach:geneve/1/to/172.16.0.2' addrgenmode none
ip link add name pl-00002bfj0jd type geneve id 2 remote 172.16.0.1 dstport 6081 df set
ip link set dev pl-00002bfj0jd alias 'pleach:geneve/2/to/172.16.0.1' addrgenmode none
ip link add name pl-00002zp0uhs type geneve id 2 remote 172.16.0.2 dstport 6081 df set
ip link set dev pl-00002zp0uhs alias 'pleach:geneve/2/to/172.16.0.2' addrgenmode none
ip link set dev pl-00001gqa75g master pl-gn1-b
bridge link set dev pl-00001gqa75g isolated on
ip link set dev pl-00001gqa75g up
ip link set dev pl-00001sgsd71 master pl-gn1-b
bridge link set dev pl-00001sgsd71 isolated on
ip link set dev pl-00001sgsd71 up
ip link set dev pl-00002bfj0jd master pl-gn2-b
bridge link set dev pl-00002bfj0jd isolated on
ip link set dev pl-00002bfj0jd up
ip link set dev pl-00002zp0uhs master pl-gn2-b
bridge link set dev pl-00002zp0uhs isolated on
ip link set dev pl-00002zp0uhs up
ip link set dev pl-gn1-b up
ip link set dev pl-gn2-b up
ip link set dev tap1 master pl-gn1-b
ip link set dev tap1 up
ip link set dev tap2 master pl-gn2-b
ip link set dev tap2 up
