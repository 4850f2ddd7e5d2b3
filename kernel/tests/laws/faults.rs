//! For every operation of several plans: it fails, or whoever executes dies before it.
