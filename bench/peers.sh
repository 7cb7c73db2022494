#!/usr/bin/env bash
# Installs the peers by name: rss2email and reader from PyPI into target/peers, newsboat, sfeed and curl from Debian (as root).
set -euo pipefail
cd "$(dirname "$0")"
for peer in rss2email reader; do
    [ -x "target/peers/$peer/bin/python" ] || python3 -m venv "target/peers/$peer"
    "target/peers/$peer/bin/pip" install --quiet --disable-pip-version-check "$peer" sgmllib3k
done
apt-get install -y -qq --no-install-recommends newsboat sfeed curl >/dev/null
