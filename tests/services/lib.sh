# What the scripts that start and stop real services share; sourced by them.
#
# A service keeps its state in $SERVICES_RUN/NAME, by default in the directory for temporary files, so that two
# checkouts or two test sessions can each have their own. Nothing waits longer than it says.

SERVICES=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
: "${SERVICES_RUN:=${TMPDIR:-/tmp}/toil-services}"
# What takes long to make is kept here.
: "${SERVICES_HOME:=${XDG_CACHE_HOME:-$HOME/.cache}/toil-services}"
export SERVICES_RUN SERVICES_HOME

# is_running PIDFILE: whether the process noted there lives. A zombie does not, though signals still reach it.
is_running() {
    local pid
    [ -s "$1" ] && pid=$(cat "$1") && [ -r "/proc/$pid/status" ] && ! grep -q '^State:[[:space:]]*[ZX]' "/proc/$pid/status"
}

# lock_service NAME: make the service's directory, $run, and let no other start or stop of it in until this script ends.
# What is started in the background is to close file 9, or it would hold the lock.
lock_service() {
    run=$SERVICES_RUN/$1
    mkdir -p "$run"
    exec 9> "$run/lock"
    flock -w 60 9 || { echo "Another start or stop of $1 in '$run' has taken over 60 seconds." >&2; exit 1; }
}

# replace FILE: standard input becomes its content, at once for those who read it.
replace() {
    cat > "$1.new"
    mv "$1.new" "$1"
}

# give_up MESSAGE LOG: end with the message and the last lines of a log.
give_up() {
    echo "$1; the end of $2:" >&2
    tail -n 5 "$2" >&2
    exit 1
}

# free_ports COUNT: the first of so many ports in a row that nothing uses, below those that are given to clients.
# Scripts that look at one moment have different process IDs, and so begin to look at different places.
free_ports() {
    local count=$1 block used
    used=$(awk 'FNR > 1 { split($2, address, ":"); print address[2] }' /proc/net/tcp /proc/net/tcp6 2> /dev/null)
    for ((block = $$; block < $$ + 1200; block++)); do
        local first=$((20000 + block % 1200 * 10)) port
        for ((port = first; port < first + count; port++)); do
            [[ $used != *"$(printf %04X "$port")"* ]] || continue 2
        done
        echo "$first"
        return
    done
    echo "No $count ports in a row are free." >&2
    return 1
}

# wait_until SECONDS COMMAND…: until the command succeeds, or fail with a message.
wait_until() {
    local seconds=$1 deadline=$((SECONDS + $1))
    shift
    until "$@" > /dev/null 2>&1; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            echo "After $seconds seconds this still fails: $*" >&2
            return 1
        fi
        sleep 0.1
    done
}

# in_background PIDFILE LOG COMMAND…: start a command in a session of its own and note its process ID.
in_background() {
    local pid_file=$1 log=$2
    shift 2
    setsid "$@" >> "$log" 2>&1 < /dev/null 9>&- &
    echo $! > "$pid_file"
}

is_over() { ! is_running "$1"; }

# end_process PIDFILE SECONDS: ask the process to end, and kill it where it has not after so many seconds.
end_process() {
    is_running "$1" || { rm -f "$1"; return 0; }
    kill "$(cat "$1")" 2> /dev/null
    wait_until "$2" is_over "$1" 2> /dev/null || kill -9 "$(cat "$1")" 2> /dev/null
    rm -f "$1"
}

# needs SERVICE PROGRAM…: say what to install where a program is missing.
needs() {
    local program service=$1
    shift
    for program in "$@"; do
        command -v "$program" > /dev/null || {
            echo "There is no $program; on Debian: apt-get install $(< "$SERVICES/$service/packages")" >&2
            exit 1
        }
    done
}

# needs_root SERVICE: say so where we are not root.
needs_root() {
    [ "$(id -u)" = 0 ] || { echo "Only root can start $1." >&2; exit 1; }
}
