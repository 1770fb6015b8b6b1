// Package demo makes up a shop and the people in it: Harbour & Home / 港湾家居, its two databases, its privacy team and
// two months of their letters. All of it goes through the portal's own use cases, on a clock that was turned back, so
// what the demo shows is what the portal does. It must not reach past them: no rows of the portal are written here.
package demo

import "embed"

// Files are what a demo's data directory holds besides its databases: the configuration and the data maps.
//
//go:embed habeas.yaml shop.yml warehouse.yml archive.yml
var Files embed.FS

//go:embed shop.sql
var shopSchema string

//go:embed warehouse.sql
var warehouseSchema string
