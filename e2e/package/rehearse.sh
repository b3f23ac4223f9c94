#!/bin/sh
# Installs, uses, upgrades, removes and purges the Debian package, on a copy of this machine that is thrown away: a mount
# namespace with an overlay of / on memory. Called by the test in e2e/tests/it/ops/package.rs, as
#   unshare --mount --propagation private --pid --fork --kill-child sh rehearse.sh OLD.deb NEW.deb PORT HEALTH_PORT EMPTY_FOLDER
# It says what it has seen, step by step; the test looks whether all was as it should be.
set -eu
old=$1 new=$2 port=$3 health=$4 scratch=$5

mount -t tmpfs -o size=2g none "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/root"
mount -t overlay -o "lowerdir=/,upperdir=$scratch/upper,workdir=$scratch/work" none "$scratch/root"
root=$scratch/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs none "$root/run"
mount -t tmpfs none "$root/tmp"
cp "$old" "$root/tmp/old.deb"
cp "$new" "$root/tmp/new.deb"
# In a container / is an overlay itself, and DNS is not what is rehearsed.
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

in_root() { chroot "$root" "$@" </dev/null; }
step() { echo "STEP $*"; }

serve() {
	# What the unit starts, as the user whom it names; systemd is not the first process here.
	command=$(sed -n 's/^ExecStart=//p' "$root/usr/lib/systemd/system/bartizan.service")
	user=$(sed -n 's/^User=//p' "$root/usr/lib/systemd/system/bartizan.service")
	# shellcheck disable=SC2086 # words of a command
	chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all $command </dev/null >"$scratch/log" 2>&1 &
	server=$!
	for _ in $(seq 200); do
		if ready=$(curl -fsS "http://127.0.0.1:$health/readyz" 2>/dev/null); then
			echo "READY $ready"
			return
		fi
		sleep 0.1
	done
	echo "NOT READY"
	cat "$scratch/log"
}

finish() {
	kill -TERM "$server"
	wait "$server" && echo "ENDED in order" || echo "ENDED with $?"
}

step install
in_root dpkg --install /tmp/old.deb 2>&1
in_root dpkg-query -W -f 'VERSION ${Version} ${Status}\n' bartizan
in_root getent passwd bartizan
in_root stat -c 'MODE %n %U %a' /etc/bartizan /var/lib/bartizan
in_root bartizan --version
if [ -e "$root/etc/systemd/system/multi-user.target.wants/bartizan.service" ]; then echo "ENABLED"; fi
in_root systemd-analyze verify /usr/lib/systemd/system/bartizan.service /usr/lib/systemd/system/bartizan.socket /usr/lib/systemd/system/bartizan-backup.service /usr/lib/systemd/system/bartizan-backup.timer 2>&1 | grep -i bartizan || echo "UNITS in order"
in_root man --warnings -E UTF-8 bartizan 2>&1 >/dev/null | grep . || echo "MANUAL in order"
in_root bash -c 'source /usr/share/bash-completion/completions/bartizan && complete -p bartizan'

step init
in_root bartizan init --dir /etc/bartizan --data-dir /var/lib/bartizan --domain access.localhost --listen "127.0.0.1:$port" --admin root >/dev/null 2>&1
sed -i "s/^address = \"127.0.0.1:9464\"/address = \"127.0.0.1:$health\"/" "$root/etc/bartizan/bartizan.toml"
in_root find /var/lib/bartizan ! -user bartizan -printf 'NOT THEIRS %p\n'
serve
in_root bartizan doctor --json --config /etc/bartizan/bartizan.toml | sed 's/^/DOCTOR /' || true
finish
in_root sha256sum /var/lib/bartizan/keys/master | sed 's/^/KEY /'

step upgrade
in_root dpkg --install /tmp/new.deb 2>&1
in_root dpkg-query -W -f 'VERSION ${Version} ${Status}\n' bartizan
in_root sha256sum /var/lib/bartizan/keys/master | sed 's/^/KEY /'
serve
finish

step remove
in_root dpkg --remove bartizan 2>&1
in_root ls -d /usr/bin/bartizan /etc/bartizan/bartizan.toml /var/lib/bartizan/bartizan.db 2>&1 | sed 's/^/LEFT /' || true

step purge
in_root dpkg --purge bartizan 2>&1
in_root ls -d /etc/bartizan /var/lib/bartizan 2>/dev/null | sed 's/^/LEFT /' || true
in_root dpkg-query -W bartizan 2>&1 || true
step end
