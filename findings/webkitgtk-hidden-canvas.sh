#!/bin/sh
# WebKitGTK 2.50.6 (Debian 12): a 2D canvas whose surroundings were hidden (display: none) and are shown again is empty on the screen, though
# getImageData still gives all its pixels, until something is drawn on it; clearRect outside of it is enough. So is one that was taken out and put
# back. Tabs and columns that hide their neighbours lose every drawing that is not made anew.
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
ask "$session/url" '{"url":"data:text/html,<div><canvas></canvas></div>"}' >/dev/null
# Runs a line, waits for frames, and tells the size of the screen's picture and how many pixels the canvas says that it has.
look() {
  script="const [canvas, done] = [document.querySelector('canvas'), arguments[0]]; const all = canvas.parentNode; $1;
    const pixels = canvas.getContext('2d').getImageData(0, 0, 300, 150).data.filter((value) => value > 0).length;
    const wait = (n) => (n ? requestAnimationFrame(() => wait(n - 1)) : done(pixels)); wait(6)"
  pixels=$(ask "$session/execute/async" "{\"script\":\"$(echo "$script" | tr '\n' ' ')\",\"args\":[]}" | tr -dc 0-9)
  curl --silent "http://127.0.0.1:$port/$session/screenshot" >"$folder/picture"
  bytes=$(wc -c <"$folder/picture")
}
draw="for (let i = 0; i < 2000; i++) canvas.getContext('2d').fillRect((i * 37) % 300, (i * 53) % 150, 1, 1)"
look ''
empty=$bytes
look "$draw"
drawn=$bytes kept=$pixels
look "all.style.display = 'none'"
look "all.style.display = 'block'"
shown=$bytes
echo "empty $empty bytes; drawn $drawn; shown again $shown, with $pixels of $kept values in the canvas"
[ "$pixels" = "$kept" ]
[ "$drawn" -gt "$empty" ]
[ "$shown" = "$empty" ]
look "canvas.getContext('2d').clearRect(-5, -5, 1, 1)"
echo "after clearRect outside of it: $bytes"
[ "$bytes" = "$drawn" ]
look "canvas.remove(); all.append(canvas)"
echo "taken out and put back: $bytes"
[ "$bytes" = "$empty" ]
echo "as described"
