// Package migrations holds the numbered SQL that makes and changes the portal's own database. It holds nothing else.
package migrations

import "embed"

// Files are the migrations, numbered in the order they apply.
//
//go:embed *.sql
var Files embed.FS
