# The classifier's compiled object.
CLASSIFIER=${CLASSIFIER:-bpf/classifier.o}
# How often, and how long apart in seconds, classes on their way out are looked at until nothing is queued in them.
readonly DRAIN_TRIES=20 DRAIN_PAUSE=0.05

declare -A map=() index=()
pins=$(mktemp -d)
mount -t bpf bpf "$pins"
trap 'umount "$pins"; rmdir "$pins"' EXIT

# Ends unless the object is the one that the plan is for.
check_classifier() { # the first 16 digits of its SHA-256
    local found
    found=$(sha256sum "$CLASSIFIER" | cut -c 1-16)
    [ "$found" = "$1" ] || { echo "$CLASSIFIER is version $found, and the plan is for $1" >&2; exit 1; }
}

# Learns the numbers of a program's maps.
learn_maps() { # as bpftool names the program
    local numbers number name
    numbers=$(bpftool prog show "$@" | sed -n 's/.* map_ids \([0-9,]*\).*/\1/p')
    for number in ${numbers//,/ }; do
        name=$(bpftool map show id "$number" | sed -n '1s/.* name \([^ ]*\) .*/\1/p')
        map[$name]=$number
    done
}

# Learns the maps of the program that is attached to an interface.
adopt_maps() { # interface
    local program
    program=$(tc filter show dev "$1" egress pref "$PREFERENCE" | sed -n 's/.* direct-action .* id \([0-9]*\) .*/\1/p')
    [ -n "$program" ] || { echo "no classifier of ours is attached to $1" >&2; exit 1; }
    learn_maps id "$program"
}

# Prints the kernel's number of an interface as the four bytes of a key.
index_of() { # interface
    local number
    number=$(ip -o link show dev "$1" | cut -d : -f 1)
    printf '%02x %02x %02x %02x' INDEX_BYTES
}

# Prints one more than the highest number of a CPU; the kernel's list is like 0-3,8.
cpu_numbers() { echo $(($(sed 's/.*[-,]//' /sys/devices/system/cpu/possible) + 1)); }

# Makes an empty map.
make_map() { # name, type, bytes of a key, bytes of a value, entries, flags
    bpftool map create "$pins/$1" type "$2" key "$3" value "$4" entries "$5" name "$1" flags "$6"
    map[$1]=$(bpftool map show pinned "$pins/$1" | sed -n '1s/^\([0-9]*\):.*/\1/p')
}

# Loads the programs with the maps there are; others are made as the object says.
load_programs() {
    local name reused=()
    for name in "${!map[@]}"; do reused+=(map name "$name" id "${map[$name]}"); done
    rm -rf "$pins/programs"
    bpftool prog loadall "$CLASSIFIER" "$pins/programs" "${reused[@]}"
    learn_maps pinned "$pins/programs/download"
}

# Puts a program on an interface's egress, in place of the one that is there.
attach() { # interface, entry point, name of the filter
    [ "$2" = "$3" ] || mv "$pins/programs/$2" "$pins/programs/$3"
    tc filter replace dev "$1" egress protocol all pref "$PREFERENCE" handle 1 bpf da pinned "$pins/programs/$3"
    mv "$pins/programs/$3" "$pins/programs/$2"
}

# Runs bpftool commands. @name@ stands for a map, @index:number@ for the kernel's number of an interface.
map_writes() {
    local name words=''
    for name in "${!map[@]}"; do words+="s/@$name@/id ${map[$name]}/;"; done
    for name in "${!index[@]}"; do words+="s/@index:$name@/${index[$name]}/;"; done
    sed "$words" | bpftool batch file - >/dev/null
}

# Waits until nothing is queued in classes, lines of interface and class; then what is left is lost.
drain() {
    local lines device try queued
    lines=$(cat)
    for ((try = 0; try < DRAIN_TRIES; try++)); do
        queued=0
        while read -r device; do
            queued=$((queued + $(queued_in "$device" "$lines")))
        done <<<"$(cut -d ' ' -f 1 <<<"$lines" | sort -u)"
        [ "$queued" -gt 0 ] || return 0
        sleep "$DRAIN_PAUSE"
    done
    echo "$queued packets are still queued in classes that go now, and are lost" >&2
}

# Prints how many packets wait in the classes of an interface.
queued_in() { # interface, lines of interface and class
    { printf '%s\n\n' "$2"; tc -s class show dev "$1"; } | device=$1 awk '
        NF == 0 { is_output = 1; next }
        !is_output { if ($1 == ENVIRON["device"]) wanted[$2]; next }
        /^class / { class = $3 }
        / backlog / && class in wanted { queued += $3 }
        END { print queued + 0 }'
}
