#!/bin/sh
# Fetches the front-end files that are copied into the repository: exact versions, each tarball checked against the
# integrity that npm published, each file against SHA256SUMS. Run by `make vendor`; nothing needs Node to build or run.
# The registry is whatever npm is configured to use.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tests=$here/../../browser/testdata
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch PACKAGE VERSION SHA512 unpacks the package into $work/package.
fetch() {
	rm -rf "$work/package"
	tarball=$(cd "$work" && npm pack --silent "$1@$2")
	got=$(openssl dgst -sha512 -binary "$work/$tarball" | base64 | tr -d '\n')
	if [ "$got" != "$3" ]; then
		echo "vendor: $1@$2 is not the package that was pinned: sha512 $got, want $3" >&2
		exit 1
	fi
	tar -xzf "$work/$tarball" -C "$work"
}

# copy FROM TO copies one file of the unpacked package.
copy() { install -m 0644 "$work/package/$1" "$2"; }

fetch htmx.org 2.0.11 Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==
copy dist/htmx.min.js "$here/htmx.js"
copy LICENSE "$here/htmx.LICENSE"

fetch @fontsource-variable/source-sans-3 5.3.0 dpi0GZk7EQe2tYpg6Q0Fx0OmUgnuGu+0rHPgtXqtKhglYmJuP7jZ12Mu1uN+NfRaJRY1Emn8AQJEWzmoZ4wa9g==
copy files/source-sans-3-latin-wght-normal.woff2 "$here/source-sans-3.woff2"
copy files/source-sans-3-latin-ext-wght-normal.woff2 "$here/source-sans-3-ext.woff2"
copy LICENSE "$here/source-sans-3.LICENSE"

fetch axe-core 4.14.1 FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==
copy axe.min.js "$tests/axe.min.js"
copy LICENSE "$tests/axe.LICENSE"

cd "$here" && sha256sum -c --quiet SHA256SUMS && echo "vendor: all files are as pinned"
