// Package proof makes what a house shows an authority of one request: a ZIP with its facts, its clock, its letters,
// messages and decisions, and the entries of the audit log about it, each with the hashes that tie it to a signed
// checkpoint (RFC 6962). It also verifies such a file, without a database and without the house.
//
// How the parts hold each other: manifest.json lists every file with its SHA-256; the SHA-256 of the manifest stands in the
// last of the audit entries; that entry, like each before it, is proven to be in the log of the checkpoint; the checkpoint is
// signed. The ZIP is stored, not compressed, so that its bytes follow from its files and nothing can hide between them.
//
// It must not know the database, sessions or the clock: facts come in as values, and what was read is who reads' concern.
package proof
