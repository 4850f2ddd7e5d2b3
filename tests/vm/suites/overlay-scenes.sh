# What people do in an overlay: addresses by DHCP, and a gateway between two nets; each where stations are learnt and where they
# are stated.
# needs: binary pleach
# needs: file tests/vm/guest/hosts.sh
. /suites/suite.sh
. /files/tests/vm/guest/hosts.sh

# Nets 1 and 2 of this type on three hosts. Then virts: `net host interface number` a line.
two_nets() { # type
    local number=0 host net interface
    printf '[overlay.settings.default]\ntype = "%s"\n' "$1"
    for host in A B C; do
        number=$((number + 1))
        printf '[overlay.phys.%s]\ninterface = "eth0"\nip = "172.16.0.%s"\n' $host $number
    done
    printf '[overlay.net.%s]\nid = %s\nattach = ["A", "B", "C"]\n' 1 1 2 2
    while read -r net host interface number; do
        printf '[overlay.net.%s.virt.%s]\nphys = "%s"\ninterface = "%s"\nmac = "02:00:00:00:00:0%s"\n' \
            "$net" "$host-$interface" "$host" "$interface" "$number"
    done
}

committed() { # file
    for host in A B C; do commit $host "$1" >/dev/null; done
}

# A server that gives 10.0.0.10N to the virt of number N, whoever asks. Stated, since an address that is free would be asked for
# by ARP for two seconds.
serve_addresses() { # namespace
    local number
    {
        printf 'start 10.0.0.100\nend 10.0.0.120\ninterface eth0\nlease_file leases\npidfile udhcpd.pid\n'
        printf 'option subnet 255.255.255.0\n'
        for number in 2 3 4 5 6; do echo "static_lease 02:00:00:00:00:0$number 10.0.0.10$number"; done
    } >udhcpd.conf
    touch leases
    ip netns exec "$1" udhcpd -f udhcpd.conf &
    cat >lease <<'SCRIPT'
#!/bin/busybox sh
[ "$1" != bound ] || exec ip address add "$ip/$mask" dev "$interface"
SCRIPT
    chmod +x lease
}

is_given() { # namespace, address
    ip netns exec "$1" udhcpc -i eth0 -s /tmp/lease -q -n -t 5 -T 1
    ip -n "$1" -4 address show dev eth0 | grep "inet $2/24 "
}

is_given_nothing() { # namespace
    if ip netns exec "$1" udhcpc -i eth0 -s /tmp/lease -q -n -t 5 -T 1; then refute "$1 of another net gets an address"; fi
}

# A server on A; virts of its net on A, B and C ask, and one of the other net on each of A and B.
addresses_are_leased() { # type
    local name
    hosts
    virt server A tap1 1
    virt same-host A tap2 2
    virt on-B B tap3 3
    virt on-C C tap4 4
    virt stranger-A A tap5 5
    virt stranger-B B tap6 6
    two_nets "$1" >net.toml <<'VIRTS'
1 A tap1 1
1 A tap2 2
1 B tap3 3
1 C tap4 4
2 A tap5 5
2 B tap6 6
VIRTS
    committed net.toml
    for name in same-host on-B on-C stranger-A stranger-B; do ip -n $name address flush dev eth0; done
    serve_addresses server
    together <<'COMMANDS'
is_given same-host 10.0.0.102
is_given on-B 10.0.0.103
is_given on-C 10.0.0.104
is_given_nothing stranger-A
is_given_nothing stranger-B
COMMANDS
    together <<'COMMANDS'
pings same-host 10.0.0.1
pings server 10.0.0.103
pings on-B 10.0.0.104
COMMANDS
    kill %1
}
for type in vxlan/e2e geneve; do
    check "$type: addresses come by DHCP from another host, and not from another net" addresses_are_leased $type
done

# On 6.1 the rest is left out, for the sake of time.
case $(uname -r) in 6.1.*) exit ;; esac

# A namespace on B with an interface in each net, between one on A and one on C, and one of net 2 on its own host.
gateway_joins_nets() { # type
    hosts
    virt one A tap1 1
    virt two C tap2 2
    virt near B tap3 3
    virt gateway B tap4 4
    ip -n gateway link add eth1 up address 02:00:00:00:00:05 type veth peer name tap5 netns B
    two_nets "$1" >net.toml <<'VIRTS'
1 A tap1 1
2 C tap2 2
2 B tap3 3
1 B tap4 4
2 B tap5 5
VIRTS
    committed net.toml
    local name number=0
    for name in one two near gateway; do ip -n $name address flush dev eth0; done
    ip -n gateway address add 10.1.0.254/24 dev eth0
    ip -n gateway address add 10.2.0.254/24 dev eth1
    ip -n one address add 10.1.0.1/24 dev eth0
    ip -n two address add 10.2.0.1/24 dev eth0
    ip -n near address add 10.2.0.2/24 dev eth0
    ip -n one route add default via 10.1.0.254
    ip -n two route add default via 10.2.0.254
    ip -n near route add default via 10.2.0.254
    pings one 10.1.0.254
    pings two 10.2.0.254
    ip netns exec gateway sysctl -qw net.ipv4.ip_forward=0
    silent one 10.2.0.1
    silent near 10.1.0.1
    ip netns exec gateway sysctl -qw net.ipv4.ip_forward=1
    pings one 10.2.0.1
    pings two 10.1.0.1
    pings one 10.2.0.2
    pings near 10.1.0.1
    ip netns exec gateway sysctl -qw net.ipv4.ip_forward=0
    silent one 10.2.0.1
    silent two 10.1.0.1
}
for type in geneve/e2e vxlan/static; do
    check "$type: a gateway joins two nets, as long as it forwards" gateway_joins_nets $type
done
