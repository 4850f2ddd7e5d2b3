//! What a server does wrong on a bad night: one layer of faults for every fake server.
