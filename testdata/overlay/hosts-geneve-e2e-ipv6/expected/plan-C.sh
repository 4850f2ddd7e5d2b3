#!/usr/bin/env bash
# Puts a plan of Pleach's into effect. Run it as root. It stops at the first refusal and undoes nothing.
set -euo pipefail
ip link add name pl-gn1-b type bridge
ip link set dev pl-gn1-b alias 'pleach:geneve/1/bridge' addrgenmode none
ip link add name pl-gn2-b type bridge
ip link set dev pl-gn2-b alias 'pleach:geneve/2/bridge' addrgenmode none
ip link add name pl-000016jfst1 type geneve id 1 remote fd00:99::1 dstport 6081
ip link set dev pl-000016jfst1 alias 'pleach:geneve/1/to/fd00:99::1' addrgenmode none
ip link add name pl-00001usxmrg type geneve id 1 remote fd00:99::2 dstport 6081
ip link set dev pl-00001usxmrg alias 'pleach:geneve/1/to/fd00:99::2' addrgenmode none
ip link add name pl-00002505kzl type geneve id 2 remote fd00:99::2 dstport 6081
ip link set dev pl-00002505kzl alias 'pleach:geneve/2/to/fd00:99::2' addrgenmode none
ip link add name pl-00002t9ney0 type geneve id 2 remote fd00:99::1 dstport 6081
ip link set dev pl-00002t9ney0 alias 'pleach:geneve/2/to/fd00:99::1' addrgenmode none
ip link set dev pl-000016jfst1 master pl-gn1-b
bridge link set dev pl-000016jfst1 isolated on
ip link set dev pl-000016jfst1 up
ip link set dev pl-00001usxmrg master pl-gn1-b
bridge link set dev pl-00001usxmrg isolated on
ip link set dev pl-00001usxmrg up
ip link set dev pl-00002505kzl master pl-gn2-b
bridge link set dev pl-00002505kzl isolated on
ip link set dev pl-00002505kzl up
ip link set dev pl-00002t9ney0 master pl-gn2-b
bridge link set dev pl-00002t9ney0 isolated on
ip link set dev pl-00002t9ney0 up
ip link set dev pl-gn1-b up
ip link set dev pl-gn2-b up
ip link set dev tap1 master pl-gn1-b
ip link set dev tap1 up
ip link set dev tap2 master pl-gn2-b
ip link set dev tap2 up
