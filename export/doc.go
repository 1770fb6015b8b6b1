// Package export makes the copy of their data that a person takes home: one ZIP with pages to read, JSON and CSV to carry
// elsewhere, and a manifest that says what is in it and what is not, and why.
//
// It must not know why a package is made or who may have it: no sessions, no portal database, no letters, no clock. It
// gets a person, the sources and what the house says about itself, and writes bytes. Nothing personal ever touches the
// disk unsealed, and no package holds a value that rights.Withholdings lists.
package export
