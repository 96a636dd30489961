#!/bin/sh
# Copies the broker's jars from Maven Central to .build/kafka-libs (or $1). Does nothing when they are there already.
# On Debian as root it also installs Java and Maven when they are missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/../../.build/kafka-libs}
stamp=$target/.complete

if [ -f "$stamp" ] && cmp -s "$here/pom.xml" "$stamp" && command -v java >/dev/null; then
    exit 0
fi

if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "fetch.sh: needs java (17 or newer) and mvn; install them, e.g. apt-get install maven default-jre-headless" >&2
        exit 1
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends maven default-jre-headless
fi

# Into a fresh folder first: an interrupted copy must never look like a complete one.
mkdir -p "$(dirname "$target")"
partial=$(mktemp -d "$(dirname "$target")/kafka-libs.XXXXXX")
trap 'rm -rf "$partial"' EXIT
mvn -B -q -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$partial"
cp "$here/pom.xml" "$partial/.complete"
chmod 755 "$partial"
rm -rf "$target"
mv "$partial" "$target"
trap - EXIT
echo "Kafka jars: $(ls "$target" | wc -l) files in $target"
