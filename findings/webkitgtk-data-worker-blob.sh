#!/bin/sh
# WebKitGTK 2.50.6 (Debian 12): in a worker that was started from a data: address no Blob can be read, not even one that the worker itself made:
# text(), arrayBuffer() and stream() end with NotReadableError. A worker made from a Blob reads it, also in a page without an origin, and a
# Response of the same bytes can be read in both. In a sandboxed frame Chromium starts no module that is a Blob, so data: is what works there,
# and what reads through `new Blob([bytes]).stream()` (to unpack gzip, say) breaks in WebKit alone, with an error that speaks of the file.
# Needs webkit2gtk-driver, xvfb and curl.
set -eu
folder=$(mktemp -d)
port=$((20000 + $$ % 20000))
Xvfb -displayfd 3 -nolisten tcp -screen 0 1024x768x24 3>"$folder/display" >/dev/null 2>&1 &
screen=$!
trap 'kill $driver $screen; rm -rf "$folder"' EXIT
driver=
while [ ! -s "$folder/display" ]; do sleep 0.1; done
DISPLAY=:$(cat "$folder/display") WebKitWebDriver --port=$port >/dev/null 2>&1 &
driver=$!
ask() { curl --silent --retry 20 --retry-connrefused --retry-delay 1 -X POST "http://127.0.0.1:$port/$1" -d "$2"; }
session=session/$(ask session '{"capabilities":{}}' | sed 's/.*"sessionId":"\([^"]*\)".*/\1/')
ask "$session/url" '{"url":"data:text/html,hello"}' >/dev/null
# What a worker from an address that is made of `code` reads.
read_in() {
  script="const done = arguments[0]; const code = '$2.text().then(postMessage, (error) => postMessage(String(error)))';
    new Worker($1).onmessage = ({ data }) => done(data)"
  ask "$session/execute/async" "{\"script\":\"$(echo "$script" | tr '\n' ' ')\",\"args\":[]}" | sed 's/.*"value":"\([^"]*\)".*/\1/'
}
data="'data:text/javascript,' + encodeURIComponent(code)"
blob="URL.createObjectURL(new Blob([code]))"
in_data=$(read_in "$data" 'new Blob([String(6 * 7)])')
in_blob=$(read_in "$blob" 'new Blob([String(6 * 7)])')
response=$(read_in "$data" 'new Response(String(6 * 7))')
echo "a Blob in a worker of data: $in_data; in a worker of a Blob: $in_blob; a Response in a worker of data: $response"
case $in_data in NotReadableError*) ;; *) exit 1 ;; esac
[ "$in_blob" = 42 ]
[ "$response" = 42 ]
echo "as described"
