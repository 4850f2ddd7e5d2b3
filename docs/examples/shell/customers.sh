#!/bin/sh
# Customers from a text file, one a line: login, address, Mbit/s towards the customer, Mbit/s from the customer.
echo '{"pleach": 1}'
while read -r login address down up; do
    printf '{"record": "circuit", "id": "%s", "addresses": "%s", "down": "%sM", "up": "%sM"}\n' "$login" "$address" "$down" "$up"
done < customers.txt
