# What the scripts that start and stop real services share; sourced by them.
#
# A service keeps its state in $SERVICES_RUN/NAME, by default in the directory for temporary files, so that two
# checkouts or two test sessions can each have their own. Nothing waits longer than it says.

: "${SERVICES_RUN:=${TMPDIR:-/tmp}/toil-services}"
export SERVICES_RUN

# is_running PIDFILE: whether the process noted there lives. A zombie does not, though signals still reach it.
is_running() {
    local pid
    [ -s "$1" ] && pid=$(cat "$1") && [ -r "/proc/$pid/status" ] && ! grep -q '^State:[[:space:]]*[ZX]' "/proc/$pid/status"
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

# needs PROGRAM PACKAGES: say what to install where a program is missing.
needs() {
    command -v "$1" > /dev/null || { echo "There is no $1; on Debian: apt-get install $2" >&2; exit 1; }
}
