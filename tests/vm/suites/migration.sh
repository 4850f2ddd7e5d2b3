# A virt that moves under a thousand packets a second, in every order in which the hosts may commit: a static net needs flower.
# only on: 6.12
# needs: binary pleach
# needs: test pleach traffic
PLEACH=/bin/pleach traffic --test-threads=1 --nocapture migration_where_stations_are_stated
