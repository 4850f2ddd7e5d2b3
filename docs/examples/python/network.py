#!/usr/bin/env python3
"""A network in the words of operators: sites, access points, clients, devices, and what each hangs from.

Replace the lines below `main` by a query of your own system. What is printed is Pleach's schema (docs/records.md).
"""

import json


class Network:
    """Prints a record for everything that is added; the order does not matter."""

    def __init__(self):
        print(json.dumps({"pleach": 1}))

    def _add(self, record, **fields):
        print(json.dumps({"record": record, **{name: value for name, value in fields.items() if value is not None}}))

    def site(self, id, name=None, parent=None, down=None, up=None):
        self._add("node", id=id, name=name, kind="site", parent=parent, down=down, up=up)

    def access_point(self, id, name=None, parent=None, down=None, up=None):
        self._add("node", id=id, name=name, kind="access point", parent=parent, down=down, up=up)

    def client(self, id, name=None, parent=None, down=None, up=None, status=None):
        self._add("circuit", id=id, name=name, parent=parent, down=down, up=up, status=status)

    def device(self, id, parent, name=None, addresses=(), mac=None):
        self._add("device", id=id, circuit=parent, name=name, addresses=list(addresses), mac=mac)


def main():
    net = Network()
    net.site("tower-a", "Tower A", down="1G", up="1G")
    net.site("tower-b", "Tower B", parent="tower-a", down="500M", up="300M")
    net.access_point("b-north", "B North", parent="tower-b", down="200M", up="100M")
    net.client(1001, "Jones", parent="b-north", down="100M", up="20M")
    net.device("cpe-1001", parent=1001, name="Roof", addresses=["100.64.1.1", "2001:db8:1::/56"], mac="02:00:5e:00:00:01")
    net.client(1002, "Smith", parent="tower-b", down="50M", up="10M")
    net.device("cpe-1002", parent=1002, addresses=["100.64.1.2/32"])
    net.device("voip-1002", parent=1002, addresses=["100.64.1.3"])
    net.client(1003, "Garcia", parent="b-north", down="50M", up="10M", status="inactive")
    net.device("cpe-1003", parent=1003, addresses=["100.64.1.4"])


if __name__ == "__main__":
    main()
