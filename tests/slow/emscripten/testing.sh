#!/bin/sh
# The compilers of Debian testing, in a folder of their own: nothing is installed on this machine.
#   sh testing.sh make FOLDER          unpacks them (260 MB to fetch, 1.1 GB, once); exits with 69 where Debian cannot be reached
#   sh testing.sh run FOLDER COMMAND   runs a command where FOLDER/root is the whole system; only root may
# No script of the packages runs: what only compiles needs none.
set -eu
folder=$2
root=$folder/root

make() {
  if [ -e "$folder/made" ]; then return; fi
  rm -rf "$folder"
  mkdir -p "$root" "$folder/apt/lists/partial" "$folder/apt/archives/partial" "$folder/apt/none"
  : >"$folder/apt/status"
  # An apt that knows nothing of this machine's packages, only the mirror that they came from.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)
  if [ -z "$mirror" ]; then
    echo 'E: no mirror of Debian is known here' >&2
    exit 69
  fi
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror testing main" >"$folder/apt/sources.list"
  own="-o Dir::State=$folder/apt -o Dir::State::status=$folder/apt/status -o Dir::Cache=$folder/apt"
  own="$own -o Dir::Etc::sourcelist=$folder/apt/sources.list -o Dir::Etc::sourceparts=$folder/apt/none"
  own="$own -o Dir::Etc::preferencesparts=$folder/apt/none -o Acquire::Retries=3 -o APT::Sandbox::User=root"
  apt-get $own -o APT::Update::Error-Mode=any -qq update || exit 69
  apt-get $own -qq -y --download-only --no-install-recommends install base-files coreutils dash diffutils findutils grep sed \
    emscripten cmake ninja-build libeigen3-dev libxtensor-dev xtl-dev \
    g++ clang libgtest-dev libbenchmark-dev
  dpkg-deb -x "$folder"/apt/archives/base-files_*.deb "$root" # its links from /bin to /usr/bin come before what lies there
  for package in "$folder"/apt/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
  rm -rf "$folder/apt"
  touch "$folder/made"
}

case $1 in
  make) make ;;
  # In a namespace of its own, whose mounts and processes end with it.
  run)
    exec unshare --mount --pid --fork --kill-child sh -eu -c '
      mount -t proc proc "$1/proc"
      mount --rbind /dev "$1/dev"
      exec chroot "$1" env -i HOME=/root PATH=/usr/bin LANG=C.UTF-8 sh -eu -c "cd /source && $2"
    ' sh "$root" "$3"
    ;;
esac
