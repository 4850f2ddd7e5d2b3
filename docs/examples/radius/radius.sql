-- A database to try the example with: `sqlite3 radius.db < radius.sql`. FreeRADIUS makes these tables, with more columns.
CREATE TABLE radacct (
    acctuniqueid TEXT, username TEXT, acctstarttime TEXT, acctstoptime TEXT, callingstationid TEXT,
    framedipaddress TEXT, framedipv6prefix TEXT, delegatedipv6prefix TEXT
);
CREATE TABLE radusergroup (username TEXT, groupname TEXT, priority INTEGER);
CREATE TABLE radgroupreply (groupname TEXT, attribute TEXT, op TEXT, value TEXT);

INSERT INTO radgroupreply VALUES
    ('home-100', 'WISPr-Bandwidth-Max-Down', ':=', '100000000'), ('home-100', 'WISPr-Bandwidth-Max-Up', ':=', '20000000'),
    ('home-50', 'WISPr-Bandwidth-Max-Down', ':=', '50000000'), ('home-50', 'WISPr-Bandwidth-Max-Up', ':=', '10000000');
INSERT INTO radusergroup VALUES ('jones', 'home-100', 1), ('smith', 'home-50', 1), ('garcia', 'home-50', 1);
INSERT INTO radacct VALUES
    ('a1', 'jones', '2026-01-01 10:00:00', NULL, '02-00-5E-00-00-01', '100.64.2.1', '', '2001:db8:21::/56'),
    ('a2', 'smith', '2026-01-01 11:00:00', NULL, '02-00-5E-00-00-02', '100.64.2.2', '', ''),
    ('a3', 'smith', '2026-01-01 11:05:00', NULL, '02-00-5E-00-00-03', '100.64.2.3', '', ''),
    ('a4', 'garcia', '2026-01-01 12:00:00', '2026-01-01 13:00:00', '02-00-5E-00-00-04', '100.64.2.4', '', '');
