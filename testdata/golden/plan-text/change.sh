index[1]=$(index_of eth0)
index[2]=$(index_of eth1)

# Step 1 of 8: 4 map writes
adopt_maps eth0
map_writes <<'END'
map update @about@ key hex 00 00 00 00 value hex 00 00 00 00 00 10 00 00 07 07 07 07 07 07 07 07 # the object's version, and what may have to be looked for: everything
map update @identities@ key hex @index:1@ 12 00 17 00 value hex ab 67 6a e0 6e 5b d1 d9 35 87 44 07 01 92 3d e9 02 00 00 00 # 17:12 of eth0: circuit `10020` (Marsh; $(reboot) # `x`, AP South)
map update @identities@ key hex @index:1@ 13 00 17 00 value hex 55 7d c9 b8 53 48 87 6b 0e 9d bb f1 c6 d4 bd 13 03 00 00 00 # 17:13 of eth0: circuit `10092` (Ng, AP South)
map update @identities@ key hex @index:2@ 12 00 17 00 value hex 69 8c 0b d3 45 77 4d ed da 56 96 de 50 8c 23 11 02 00 00 00 # 17:12 of eth1: circuit `10020` (Marsh; $(reboot) # `x`, AP South)
map update @identities@ key hex @index:2@ 13 00 17 00 value hex 8b 17 5b 9b 5f 40 f5 23 3e 4b 99 aa d3 38 ee 23 03 00 00 00 # 17:13 of eth1: circuit `10092` (Ng, AP South)
END

# Step 2 of 8: 6 classes changed
tc -batch - <<'END'
class change dev eth0 parent 4:1 classid 4:10 htb rate 20000008bit ceil 300000000bit burst 16000b cburst 37500b quantum 1522 prio 0 # access point `AP North`
class change dev eth0 parent 17:1 classid 17:10 htb rate 11000008bit ceil 200000000bit burst 16000b cburst 25000b quantum 1522 prio 0 # access point `AP South`
class change dev eth1 parent 4:1 classid 4:10 htb rate 20000008bit ceil 300000000bit burst 16000b cburst 37500b quantum 1522 prio 0 # access point `AP North`
class change dev eth1 parent 17:1 classid 17:10 htb rate 11000008bit ceil 200000000bit burst 16000b cburst 25000b quantum 1522 prio 0 # access point `AP South`
class change dev eth0 parent 4:10 classid 4:13 htb rate 20000000bit ceil 100000000bit burst 16000b cburst 16000b quantum 12500 prio 3 # circuit `10017` (Jones, AP North)
class change dev eth1 parent 4:10 classid 4:13 htb rate 20000000bit ceil 100000000bit burst 16000b cburst 16000b quantum 12500 prio 3 # circuit `10017` (Jones, AP North)
END

# Step 3 of 8: 4 classes added
tc -batch - <<'END'
class add dev eth0 parent 17:10 classid 17:12 htb rate 5000000bit ceil 25000000bit burst 16000b cburst 16000b quantum 3125 prio 3 # circuit `10020` (Marsh; $(reboot) # `x`, AP South)
class add dev eth0 parent 17:10 classid 17:13 htb rate 6000000bit ceil 30000000bit burst 16000b cburst 16000b quantum 3750 prio 3 # circuit `10092` (Ng, AP South)
class add dev eth1 parent 17:10 classid 17:12 htb rate 5000000bit ceil 25000000bit burst 16000b cburst 16000b quantum 3125 prio 3 # circuit `10020` (Marsh; $(reboot) # `x`, AP South)
class add dev eth1 parent 17:10 classid 17:13 htb rate 6000000bit ceil 30000000bit burst 16000b cburst 16000b quantum 3750 prio 3 # circuit `10092` (Ng, AP South)
END

# Step 4 of 8: 4 qdiscs added
tc -batch - <<'END'
qdisc add dev eth0 parent 17:12 handle 6: cake unlimited diffserv4 triple-isolate nonat nowash egress no-ack-filter split-gso rtt 100000us raw noatm mpu 0 memlimit 0 fwmark 0x0 # circuit `10020` (Marsh; $(reboot) # `x`, AP South)
qdisc add dev eth0 parent 17:13 handle 7: cake unlimited diffserv4 triple-isolate nonat nowash egress no-ack-filter split-gso rtt 100000us raw noatm mpu 0 memlimit 0 fwmark 0x0 # circuit `10092` (Ng, AP South)
qdisc add dev eth1 parent 17:12 handle 6: cake unlimited diffserv4 triple-isolate nonat nowash egress no-ack-filter split-gso rtt 100000us raw noatm mpu 0 memlimit 0 fwmark 0x0 # circuit `10020` (Marsh; $(reboot) # `x`, AP South)
qdisc add dev eth1 parent 17:13 handle 7: cake unlimited diffserv4 triple-isolate nonat nowash egress no-ack-filter split-gso rtt 100000us raw noatm mpu 0 memlimit 0 fwmark 0x0 # circuit `10092` (Ng, AP South)
END

# Step 5 of 8: 3 map writes
map_writes <<'END'
map update @exact4@ key hex 00 00 00 00 64 40 27 24 value hex 12 00 17 00 12 00 17 00 01 00 01 00 02 00 00 00 # 100.64.39.36, download 17:12, upload 17:12
map update @exact4@ key hex 00 00 00 00 64 40 27 6c value hex 13 00 17 00 13 00 17 00 01 00 01 00 03 00 00 00 # 100.64.39.108, download 17:13, upload 17:13
map delete @exact4@ key hex 00 00 00 00 64 40 27 13 # 100.64.39.19
END

# Step 6 of 8: wait until classes on their way out are empty
drain <<'END'
eth0 4:12
eth0 4:14
eth1 4:12
eth1 4:14
END

# Step 7 of 8: 4 classes deleted
tc -batch - <<'END'
class del dev eth0 classid 4:12 # circuit `10003`
class del dev eth0 classid 4:14 # circuit `10020`
class del dev eth1 classid 4:12 # circuit `10003`
class del dev eth1 classid 4:14 # circuit `10020`
END

# Step 8 of 8: 4 map writes
map_writes <<'END'
map delete @identities@ key hex @index:1@ 12 00 04 00 # 4:12 of eth0: circuit `10003`
map delete @identities@ key hex @index:1@ 14 00 04 00 # 4:14 of eth0: circuit `10020`
map delete @identities@ key hex @index:2@ 12 00 04 00 # 4:12 of eth1: circuit `10003`
map delete @identities@ key hex @index:2@ 14 00 04 00 # 4:14 of eth1: circuit `10020`
END
