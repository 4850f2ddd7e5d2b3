-- Who is online (FreeRADIUS's tables), with the rates of the user's group in bit/s.
SELECT a.acctuniqueid, a.username, a.framedipaddress, a.framedipv6prefix, a.delegatedipv6prefix, a.callingstationid,
       down.value AS down, up.value AS up
FROM radacct a
LEFT JOIN radusergroup g ON g.username = a.username
LEFT JOIN radgroupreply down ON down.groupname = g.groupname AND down.attribute = 'WISPr-Bandwidth-Max-Down'
LEFT JOIN radgroupreply up ON up.groupname = g.groupname AND up.attribute = 'WISPr-Bandwidth-Max-Up'
WHERE a.acctstoptime IS NULL;
