# A virt that moves under a thousand packets a second, in every order in which the hosts may commit: a static net needs flower.
# needs: binary pleach
# needs: test pleach traffic
case $(uname -r) in 6.1.*) exit ;; esac # left out, for the sake of time
PLEACH=/bin/pleach traffic --test-threads=1 --nocapture migration_where_stations_are_stated
